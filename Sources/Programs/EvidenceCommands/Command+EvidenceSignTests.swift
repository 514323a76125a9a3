package import InterlockCommandLine
import InterlockCredentials
import InterlockEvidencePack
import InterlockJSON
import InterlockLedger
package import InterlockModel

extension Command {
    /// `evidence sign-tests`.
    ///
    /// - Parameter build: returns SHA-256 of the running program.
    package static func signTests(_ build: @escaping @Sendable () throws -> Digest) -> Command {
        Command(
            "evidence sign-tests RESULTS", "sign the results of this program's tests",
            example: "interlock evidence sign-tests results.json --key release.key -o tests.json",
            options: [
                Option("--key FILE", "the release key: 32 bytes, readable by you alone").required,
                Option("-o FILE", "the file to make; must not exist yet").required,
            ],
            exits: [.no, .data, .notFound, .cannotCreate, .io, .notPermitted],
            notes: """
                RESULTS is {"build": "sha256:...", "tests": [{"id": ..., "result": "pass"}]}, as `scripts/release-tests` \
                makes it. The build must be this program. Any result that is not `pass` counts as failed. The file \
                belongs at share/interlock/release-tests.json next to the folder of the program, from where evidence \
                packs take it. Exit 1, after the file was made, if a test that a control needs failed or has no result.
                """
        ) { invocation in
            let target = try invocation.require("o")
            try OutputFile.requireFree(target)
            let results = try ReleaseSigning.results(at: invocation.positional[0], of: try build())
            let signed = try ReleaseSigning.signed(results, by: try invocation.require("key"))
            try OutputFile.write(signed.bytes, to: target)
            Output.line(
                "signed \(results.tests.results.count) results of \(results.build.prefixed)")
            Output.line("key: \(signed.key)")
            let lacking = ReleaseSigning.lacking(results)
            for line in lacking { Output.line(line) }
            return lacking.isEmpty ? .ok : .no
        }
    }

    package static let evidenceControls = Command(
        "evidence controls", "list the controls of a pack, and the tests of each",
        example: "interlock evidence controls --json", options: [.json],
        notes: """
            A control is enforced only if each of its tests of the release and each of its parts of the self-test passed.
            """
    ) { invocation in
        for control in EvidenceControl.all {
            guard !invocation.has("json") else {
                Output.json([
                    "id": .string(control.id.rawValue), "title": .string(control.title),
                    "statement": .string(control.statement), "points": .string(control.points),
                    "release": .array(control.releaseTests.map { .string($0) }),
                    "selftest": .array(control.selfTests.map { .string($0) }),
                ])
                continue
            }
            Output.line("\(control.id.rawValue)  \(control.title)")
            Output.line("  release: \(control.releaseTests.joined(separator: ", "))")
            Output.line("  self-test: \(control.selfTests.joined(separator: ", "))")
        }
        return .ok
    }
}

/// Reads and signs the results of the tests of a build.
enum ReleaseSigning {
    /// The name in the verifier key that the command prints.
    private static let name = "interlock-release"

    /// - Throws: exit 65 if the file has another form, or is about another program.
    static func results(at path: String, of build: Digest) throws(Failure) -> ReleaseResults {
        let bytes: [UInt8]
        do throws(FileFailure) {
            bytes = try File.readRegular(path, limit: ReleaseResults.payloadLimit)
        } catch { throw Failure(error.isMissing ? .notFound : .data, error.message) }
        let results: ReleaseResults
        do throws(FormError) { results = try ReleaseResults(report: bytes) } catch {
            throw Failure(.data, "`\(path)` has no results of tests: \(error)")
        }
        guard results.build == build else {
            throw Failure(
                .data, "`\(path)` is about the program \(results.build.prefixed), not this one",
                help: "this program is \(build.prefixed)")
        }
        return results
    }

    /// The envelope, and the verifier key of its signer.
    static func signed(
        _ results: ReleaseResults, by path: String
    ) throws -> (bytes: [UInt8], key: String) {
        let key: Ed25519PrivateKey
        do throws(KeyFailure) { key = try ReleaseKey.open(path) } catch {
            throw Failure(error.code == .missing ? .notFound : .notPermitted, error.reason)
        }
        guard
            let vkey = VerifierKey(
                name: name, publicKey: key.publicKey.bytes, hashing: OpenSSLHashing())
        else { throw Failure(.data, "`\(path)` holds no usable key") }
        let envelope = key.envelope(.testResults, try results.payload.canonical())
        return (bytes: envelope.bytes, key: vkey.description)
    }

    /// A line for each test that a control needs and that did not pass.
    static func lacking(_ results: ReleaseResults) -> [String] {
        EvidenceControl.all.flatMap { control -> [String] in
            control.releaseTests.compactMap { id -> String? in
                switch results.tests.passed(id) {
                case true?: return nil
                case false?: return "failed: \(id) of \(control.id.rawValue)"
                case nil: return "no result: \(id) of \(control.id.rawValue)"
                }
            }
        }
    }
}
