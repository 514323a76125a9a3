import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockModel

/// An import in a file: signed, or the payload alone.
struct StoredImport: Sendable {
    let path: String
    let content: EvalImport
    /// Is nil if the file has no signature.
    let signed: SignedEvalImport?

    /// The ending of files that were imported.
    static let originalEnding = ".original"

    /// The imports of a suite, by name; none if there is no folder.
    ///
    /// - Throws: exit 65 if a file is no import, or one of another agent.
    static func all(in folder: SuiteFolder) throws(Failure) -> [StoredImport] {
        guard File.exists(folder.imports) else { return [] }
        let names = try FileFailure.exits(.data, try File.names(in: folder.imports))
        var imports: [StoredImport] = []
        for name in names where !name.hasPrefix(".") && name.hasSuffix(".json") {
            let stored = try StoredImport(folder.imports + "/" + name)
            guard stored.content.agent == folder.agent else {
                throw Failure(
                    .data,
                    "`\(TerminalEscaping.shown(stored.path))` is of agent `\(stored.content.agent)`"
                )
            }
            imports.append(stored)
        }
        return imports
    }

    init(_ path: String) throws(Failure) {
        let bytes = try FileFailure.exits(
            .data,
            try File.readRegular(path, limit: SignedEvalImport.largest, followsLink: false))
        let hashing = OpenSSLHashing()
        self.path = path
        do throws(FormError) {
            let json = try StrictFields.value(bytes, limit: SignedEvalImport.largest)
            if json["payloadType"] == nil {
                content = try EvalImport(parsing: bytes, hashing: hashing)
                signed = nil
            } else {
                let read = try SignedEvalImport(parsing: bytes, hashing: hashing)
                content = read.content
                signed = read
            }
        } catch {
            throw Failure(
                .data,
                "`\(TerminalEscaping.shown(path))` is no import of evals: "
                    + TerminalEscaping.shown("\(error)"))
        }
    }

    /// True if the folder of the import has the imported file, unchanged.
    var hasOriginal: Bool {
        let name = ImportWriter.original(content.original, beside: path)
        guard
            let bytes = try? File.readRegular(
                name, limit: ZipArchive.mostUnpacked, followsLink: false)
        else { return false }
        return OpenSSLHashing().sha256(bytes) == content.original
    }

    /// The worth of the signature, in words.
    func signature(_ keys: [EvalKey]) -> String {
        guard let signed else { return "not signed" }
        return signed.signers(among: keys, verifiedBy: OpenSSLVerifier()).isEmpty
            ? "not signed by a listed key" : "signed"
    }

    /// Lines for people, without line ends.
    func lines(_ keys: [EvalKey], at now: Timestamp) -> [String] {
        let state =
            "import: \((now - content.run.ended).inTwoUnits) old, by \(content.by), "
            + "\(content.fingerprint.prefixed), \(signature(keys))"
            + (hasOriginal ? "" : ", the original is missing or changed")
        return [state] + content.lines.map { "import " + $0 }
    }

    func json(_ keys: [EvalKey]) -> JSONValue {
        [
            "import": content.json, "signature": .string(signature(keys)),
            "original_kept": .bool(hasOriginal),
        ]
    }
}

/// Writes imports: each file as a whole, durable on return.
enum ImportWriter {
    /// The path of an imported file, in the folder of the import at `path`.
    static func original(_ digest: Digest, beside path: String) -> String {
        let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
        return folder + digest.hex + StoredImport.originalEnding
    }

    /// Writes the imported file first, so that an import never names a file that is not there.
    ///
    /// - Throws: exit 73 if a file cannot be written.
    static func write(
        _ bytes: [UInt8], original: [UInt8], _ digest: Digest, to path: String
    ) throws(Failure) {
        try ResultWriter.write(original, to: self.original(digest, beside: path))
        try ResultWriter.write(bytes, to: path)
    }
}

extension EvalImport {
    /// The run and its scorers, for people.
    var lines: [String] {
        var lines = [
            "run: \(TerminalEscaping.shown(run.task)) by \(TerminalEscaping.shown(run.tool)), "
                + "\(run.cases) cases, \(run.trials) trials, evidence of kind utility"
        ]
        if let model = run.model { lines.append("model: \(TerminalEscaping.shown(model))") }
        for scorer in run.scorers {
            var words = [scorer.rate?.text ?? "no rate"]
            words += scorer.metrics.map { "\(TerminalEscaping.shown($0.name)) \($0.value)" }
            words.append("judge: \(scorer.judge.rawValue)")
            if scorer.judge.onlyInforms { words.append("only informs") }
            lines.append(
                "scorer \(TerminalEscaping.shown(scorer.name)): " + words.joined(separator: ", "))
        }
        return lines
    }
}
