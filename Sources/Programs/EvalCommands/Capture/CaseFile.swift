import InterlockCommandLine
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockYAML

/// The file of one case, as text and as it was read.
struct CaseFile {
    let path: String
    let text: String
    let root: YAMLNode?
    private let parsed: ParsedEvalFile

    /// - Throws: exit 65 if the file cannot be read.
    init(_ path: String) throws(Failure) {
        let bytes = try FileFailure.exits(
            .data,
            try File.readRegular(path, limit: EvalLimits.caseBytes + 1, followsLink: false))
        self.init(path, String(decoding: bytes, as: UTF8.self))
    }

    init(_ path: String, _ text: String) {
        self.path = path
        self.text = text
        parsed = SuiteReader.parsed(SuiteReader.File(path: path, bytes: Array(text.utf8)))
        root = parsed.root
    }

    /// The agent that the file names, or nil if it names none.
    var agent: AgentName? {
        guard case .mapping(let entries)? = root?.content,
            let entry = entries.first(where: { $0.key == "agent" }),
            case .scalar(let scalar) = entry.value.content
        else { return nil }
        return AgentName(scalar.text)
    }

    func reading(of agent: AgentName) -> CaseReading { CaseReading(parsed, of: agent) }

    /// The case.
    ///
    /// - Throws: exit 65 with the findings.
    func read(of agent: AgentName, as what: String) throws(Failure) -> EvalCase {
        let reading = reading(of: agent)
        guard let one = reading.evalCase else {
            throw Failure(
                .data, what + "\n" + reading.findings.map(\.text).joined(separator: "\n"))
        }
        return one
    }

    /// The same file after edits, which must be a case of the agent.
    ///
    /// - Throws: exit 65 if the file is laid out in a way that is not edited, or is no case afterwards.
    func edited(
        of agent: AgentName, _ edits: (inout CaseEdit) throws(CaseEdit.Refusal) -> Void
    ) throws(Failure) -> (file: CaseFile, read: EvalCase) {
        let shown = TerminalEscaping.shown(path)
        guard let root else { throw Failure(.data, "`\(shown)` is no case") }
        let made: String
        do throws(CaseEdit.Refusal) {
            var edit = try CaseEdit(text, root)
            try edits(&edit)
            made = edit.text
        } catch { throw Failure(.data, "`\(shown)`: \(error.message)") }
        let file = CaseFile(path, made)
        return (file, try file.read(of: agent, as: "`\(shown)` is no case after the edit"))
    }

    /// Durable on return; a crash leaves the old file or the new one.
    ///
    /// - Throws: exit 73 if the file cannot be written.
    func write() throws(Failure) { try ResultWriter.write(Array(text.utf8), to: path) }
}
