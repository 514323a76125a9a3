package import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockScanning

extension Command {
    package static let evalImport = Command(
        "eval import FILE", "take a run of another eval tool as evidence",
        example:
            "interlock eval import log.json --format inspect --agent refunds --fingerprint fingerprint.yaml --by ines@acme.example",
        options: EvalInput.options + [
            Option("--format FORMAT", "`inspect` (JSON or .eval) or `promptfoo`").required,
            Option("--agent AGENT", "the agent that was tested").required,
            Option("--fingerprint FILE", "list of the prompt files, skills and models that ran")
                .required,
            Option("--by EMAIL", "the importer, who answers for the fingerprint").required,
            Option("--sign FILE|agent", "sign the import with this key"),
            Option("--out FILE", "write it there (default: into the suite's `imports`)"),
        ],
        exits: [.data, .notFound, .cannotCreate, .notPermitted],
        notes: """
            An import is evidence that `eval report` shows. It satisfies no safety case and never the gate. The file is \
            kept beside it by its digest. Scores that a model gave, or may have given, are labelled and only inform. \
            Exit 65: the file is damaged or of another version, or the run did not end well.
            """
    ) { invocation in
        let request = try ImportRequest(invocation)
        let made = try request.evalImport()
        let payload: [UInt8]
        do throws(FormError) { payload = try made.canonical() } catch {
            throw Failure(.internalError, "the import cannot be written: \(error)")
        }
        guard payload.count <= EvalImport.largest else {
            throw Failure(
                .data, "the import has more than \(EvalImport.largest) bytes",
                help: "log fewer scorers and metrics")
        }
        var bytes = payload
        if let choice = invocation["sign"] { bytes = try request.signed(payload, by: choice) }
        let path = try request.path(of: made)
        try ImportWriter.write(bytes, original: request.bytes, made.original, to: path)
        invocation.print(
            made.json, (["import of \(made.agent)"] + made.lines).joined(separator: "\n  "))
        Output.error("import of \(made.agent): \(TerminalEscaping.shown(path))")
        return .ok
    }
}

/// The request of a command line, with the bytes of the file that it names.
private struct ImportRequest {
    let bytes: [UInt8]
    private let input: EvalInput
    private let agent: AgentName
    private let format: EvalImport.Format
    private let manifest: String
    private let by: Person
    private let file: String
    private let out: String?
    private let folder: SuiteFolder

    init(_ invocation: Invocation) throws(Failure) {
        format = try Invocation.choice(try invocation.require("format"), "format")
        by = try Invocation.parsed(
            try invocation.require("by"), "no e-mail address", .usage
        ) { Person($0) }
        manifest = try invocation.require("fingerprint")
        let name = try invocation.require("agent")
        input = try EvalInput(invocation)
        agent = try PolicyInput.agent(name, in: input.policy)
        out = invocation["out"]
        folder = SuiteFolder(agent, in: input.root)
        guard folder.exists || out != nil else {
            throw Failure(
                .notFound, "agent `\(agent)` has no suite, beside which the import would be",
                help: "interlock eval run \(agent) --starter, or `--out FILE`")
        }
        file = invocation.positional[0]
        bytes = try FileFailure.exits(
            .data, try File.readRegular(file, limit: ZipArchive.mostUnpacked))
    }

    /// - Throws: exit 65 if the file is refused, or the fingerprint cannot be made.
    func evalImport() throws(Failure) -> EvalImport {
        let run: ImportedRun
        do throws(ImportError) { run = try read() } catch {
            throw Failure(
                .data,
                "`\(TerminalEscaping.shown(file))`: \(TerminalEscaping.shown(error.description))",
                help: error.help)
        }
        guard run.ended <= input.now else {
            throw Failure(
                .data,
                "`\(TerminalEscaping.shown(file))`: the run ended in the future, "
                    + run.ended.rfc3339(fractionDigits: 0))
        }
        let hashing = OpenSSLHashing()
        return EvalImport(
            run, format: format, parts: try input.fingerprint(of: agent, manifest: manifest),
            original: hashing.sha256(bytes), by: by, imported: input.now, hashing: hashing)
    }

    private func read() throws(ImportError) -> ImportedRun {
        switch format {
        case .inspect:
            let inflater = ZlibInflater()
            return try InspectLog.read(bytes) { inflater.whole($0, most: $1) }
        case .promptfoo: return try PromptfooFile.read(bytes)
        }
    }

    /// - Throws: exit 77 if no listed key is at hand, or its holders are other people than the importer.
    func signed(_ payload: [UInt8], by choice: String) throws(Failure) -> [UInt8] {
        let keys = input.policy.document.eval.signers
        let envelope = try ListedKey(choice, among: keys, "signers").sign(.evalImport, payload)
        let made: SignedEvalImport
        do throws(FormError) {
            made = try SignedEvalImport(envelope, hashing: OpenSSLHashing())
        } catch { throw Failure(.internalError, "the import cannot be signed: \(error)") }
        let holders = made.signers(among: keys, verifiedBy: OpenSSLVerifier()).first?.heldBy
        guard let holders, holders.isEmpty || holders.contains(by) else {
            throw Failure(
                .notPermitted, "`--by` names \(by), who does not hold the signing key",
                help: "name a holder of the key, or sign with another one")
        }
        return envelope.bytes
    }

    /// - Throws: exit 73 if the folder of imports cannot be made.
    func path(of made: EvalImport) throws(Failure) -> String {
        if let out { return out }
        try ResultWriter.makeFolder(folder.imports)
        let name = made.imported.rfc3339(fractionDigits: 0).filter { $0 != ":" }
        return "\(folder.imports)/\(name)-\(made.original.hex.prefix(8)).json"
    }
}
