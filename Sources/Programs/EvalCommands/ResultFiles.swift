import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockModel

/// A result in a file: signed, or the payload alone.
struct StoredResult: Sendable {
    let path: String
    let result: EvalResult
    /// SHA-256 of the payload, by which a suite names it as its baseline.
    let digest: Digest
    /// Is nil if the file has no signature.
    let signed: SignedEvalResult?

    /// The ending of files with the outcomes of cases.
    static let casesEnding = ".cases.json"

    /// The results of a suite, by name; none if there is no folder.
    ///
    /// - Throws: exit 65 if a file is no result.
    static func all(in folder: String) throws(Failure) -> [StoredResult] {
        guard File.exists(folder) else { return [] }
        let names = try FileFailure.exits(.data, try File.names(in: folder))
        var results: [StoredResult] = []
        for name in names
        where !name.hasPrefix(".") && name.hasSuffix(".json") && !name.hasSuffix(casesEnding) {
            results.append(try StoredResult(folder + "/" + name))
        }
        return results
    }

    init(_ path: String) throws(Failure) {
        let bytes = try FileFailure.exits(
            .data,
            try File.readRegular(path, limit: SignedEvalResult.largest, followsLink: false))
        let hashing = OpenSSLHashing()
        self.path = path
        do throws(FormError) {
            // An envelope has other members than a payload, so that neither can be taken for the other.
            let json = try StrictFields.value(bytes, limit: SignedEvalResult.largest)
            if json["payloadType"] == nil {
                result = try EvalResult(parsing: bytes, hashing: hashing)
                signed = nil
                digest = hashing.sha256(bytes)
            } else {
                let read = try SignedEvalResult(parsing: bytes, hashing: hashing)
                result = read.result
                signed = read
                digest = hashing.sha256(read.envelope.payload)
            }
        } catch {
            throw Failure(
                .data,
                "`\(TerminalEscaping.shown(path))` is no result of evals: "
                    + TerminalEscaping.shown("\(error)"))
        }
    }

    /// The outcomes of its cases, from the file of the same folder whose name is their digest. Is nil if there is no such
    /// file, or if it was changed.
    func outcomes() -> CaseOutcomes? {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let name = folder + result.cases.hex + Self.casesEnding
        guard
            let bytes = try? File.readRegular(
                name, limit: CaseOutcomes.largest, followsLink: false),
            OpenSSLHashing().sha256(bytes) == result.cases,
            let outcomes = try? CaseOutcomes(parsing: bytes), outcomes.agent == result.agent
        else { return nil }
        return outcomes
    }
}

extension [StoredResult] {
    /// The result that ended last. Ends are in whole seconds; of two with the same one, that which did not pass counts.
    var latest: StoredResult? {
        self.max { a, b in
            (a.result.ended, a.isUnfit ? 1 : 0) < (b.result.ended, b.isUnfit ? 1 : 0)
        }
    }
}

extension StoredResult {
    fileprivate var isUnfit: Bool { result.isPartial || result.verdict != .pass }
}

/// Writes results: each file as a whole, durable on return; a crash leaves the old file or the new one.
enum ResultWriter {
    /// Writes the outcomes of cases first, so that a result never names outcomes that are not there.
    ///
    /// - Throws: exit 73 if a file cannot be written.
    static func write(_ bytes: [UInt8], cases: [UInt8], to path: String) throws(Failure) {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        let digest = OpenSSLHashing().sha256(cases)
        try write(cases, to: folder + digest.hex + StoredResult.casesEnding)
        try write(bytes, to: path)
    }

    /// - Throws: exit 73 if the file cannot be written.
    static func write(_ bytes: [UInt8], to path: String) throws(Failure) {
        do throws(FileFailure) {
            try File.write(bytes, to: path, mode: 0o644)
            try File.syncFolder(of: path)
        } catch { throw Failure(.cannotCreate, error.message) }
    }

    static func makeFolder(_ path: String) throws(Failure) {
        do throws(FileFailure) {
            try File.makeFolder(path, mode: 0o755)
            try File.syncFolder(of: path)
        } catch { throw Failure(.cannotCreate, error.message) }
    }
}
