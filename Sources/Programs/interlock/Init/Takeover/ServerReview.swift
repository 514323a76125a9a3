import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockGovernor
import InterlockHosts
import InterlockLogReading
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockSafety

/// A person's confirmation of a server that responded: the class of each tool, its resources and prompts, and the words
/// that the scanner marked. A tool that is not confirmed as read is not granted; a tool or prompt with marked words is not
/// pinned unless a person accepts them.
struct ServerReview {
    /// The entry for the lock.
    private(set) var entry: LockedServer
    private(set) var tools: [DraftPolicy.Tool] = []
    /// The resources, templates and prompts that are granted; empty if a person declined.
    private(set) var resources: [DraftPolicy.Resource] = []
    private(set) var prompts: [String] = []
    /// The numbers of resources, templates and prompts that the server offers.
    let offered: (resources: Int, prompts: Int)
    /// The open points, one line each.
    private(set) var open: [String] = []
    private let name: ServerName

    /// - Parameter confirmed: the tools of `--read`.
    init(
        _ proposal: PinProposal, of name: ServerName, _ live: LiveServers.Answer,
        confirmed: Set<ToolAddress>, acceptsFindings: Bool, _ questions: Questions
    ) throws(Failure) {
        let definitions = live.sighting.definitions
        let offers = OfferReview(live.offers)
        self.name = name
        entry = proposal.entry
        offered = (
            live.offers.resources.count + live.offers.templates.count, live.offers.prompts.count
        )
        open = proposal.leftOut.map {
            $0.name == PinProposal.code
                ? "\(name): its code is not checked before a start: \(TerminalEscaping.shown($0.reason))"
                : "\(name): the tool `\(TerminalEscaping.shown($0.name))` cannot be pinned: \($0.reason)"
        }
        try judgeWords(
            live.handshake.instructions, acceptsFindings: acceptsFindings, questions)
        let reads = Set(confirmed.filter { $0.server == name }.map(\.tool))
        for tool in reads.sorted() { try refuse(tool, definitions) }
        try classify(definitions, reads, questions)
        try grant(offers, questions)
    }

    /// Grants resources and prompts, which MCP can only read. A template takes an agent's words, which reach the server,
    /// so a person alone grants it.
    private mutating func grant(_ offers: OfferReview, _ questions: Questions) throws(Failure) {
        open += offers.leftOut.map {
            "\(name): a resource is not offered: \(TerminalEscaping.shown($0))"
        }
        let templates = questions.isAnsweredYes ? [] : offers.templates
        if questions.isAnsweredYes {
            for template in offers.templates {
                Output.line(
                    "    hidden  \(TerminalEscaping.shown(template.uri)): a person must grant a template"
                )
            }
        }
        let parts = [
            (offers.resources.count, "resources"), (templates.count, "resource templates"),
            (entry.prompts.count, "prompts"),
        ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        guard !parts.isEmpty else { return }
        for resource in offers.resources + templates {
            Output.line("    read  \(TerminalEscaping.shown(resource.uri))")
        }
        for prompt in entry.prompts.keys.sorted() {
            Output.line("    read  prompt \(TerminalEscaping.shown(prompt))")
        }
        let all = parts.joined(separator: ", ")
        guard try questions.confirm("  Grant reading its \(all)?") else { return }
        resources = offers.resources + templates
        prompts = entry.prompts.keys.sorted()
    }

    /// The names of the tools that agents do not see.
    var hidden: [ToolName] { tools.filter { $0.toolClass != .read }.map(\.name).sorted() }
    /// True if agents see anything of the server.
    var showsAnything: Bool {
        tools.contains { $0.toolClass == .read } || !resources.isEmpty || !prompts.isEmpty
    }

    /// Is false if the scanner marked words in the instructions and no person accepted them: instructions reach the
    /// model whole.
    var isFit: Bool { !hasBadInstructions }
    private var hasBadInstructions = false

    private mutating func judgeWords(
        _ instructions: String?, acceptsFindings: Bool, _ questions: Questions
    ) throws(Failure) {
        let scan = DefinitionScan([name: entry])
        /// Prints what the scanner marks in these parts of the entry alone, and returns whether it marks anything.
        func marks(
            _ tools: [ToolName: LockedTool] = [:], _ prompts: [String: LockedPrompt] = [:],
            instructions: String? = nil
        ) -> Bool {
            var alone = entry
            alone.tools = tools
            alone.prompts = prompts
            let comparison = LockComparison(of: name, from: nil, to: alone)
            let found = scan.findings(comparison, alone, instructions: instructions)
            for finding in found { Output.line("    ? " + TerminalEscaping.shown(finding.text)) }
            return !found.isEmpty
        }
        let marked = entry.tools.keys.sorted().filter { tool in
            marks(entry.tools.filter { $0.key == tool })
        }
        let badPrompts = entry.prompts.keys.sorted().filter { prompt in
            marks([:], entry.prompts.filter { $0.key == prompt })
        }
        let marksInstructions = marks(instructions: instructions)
        guard !marked.isEmpty || !badPrompts.isEmpty || marksInstructions, !acceptsFindings
        else { return }
        let question = "  These words of \(name) may tell a model what to do. Accept them?"
        // No person reads the words with `--yes`.
        if !questions.isAnsweredYes, try questions.confirm(question) { return }
        for tool in marked {
            entry.tools[tool] = nil
            open.append("\(name): `\(tool)` is not offered, its words are not accepted")
        }
        for prompt in badPrompts {
            entry.prompts[prompt] = nil
            open.append(
                "\(name): the prompt `\(TerminalEscaping.shown(prompt))` is not offered, its words are not accepted"
            )
        }
        hasBadInstructions = marksInstructions
    }

    /// Refuses a tool of `--read` that would not be granted.
    private func refuse(_ tool: ToolName, _ definitions: [ToolDefinition]) throws(Failure) {
        let words = "`--read \(name).\(tool)`"
        guard definitions.contains(where: { $0.name == tool }) else {
            throw Failure(
                .notFound, "\(words): the server has no such tool",
                help: didYouMean(tool.text, among: definitions.map(\.name.text)))
        }
        guard entry.tools[tool] != nil else {
            throw Failure(
                .no, "\(words): its words are not accepted, or it cannot be pinned",
                help: "--accept-findings, or leave it out")
        }
        guard mayBeRead(tool) else {
            throw Failure(
                .no, "\(words): it says of itself that it does more than read", help: "leave it out"
            )
        }
    }

    private mutating func classify(
        _ definitions: [ToolDefinition], _ confirmed: Set<ToolName>, _ questions: Questions
    ) throws(Failure) {
        var suggestions: [(name: ToolName, suggestion: ToolSuggestion)] = []
        for definition in definitions.sorted(by: { $0.name < $1.name })
        where entry.tools[definition.name] != nil {
            suggestions.append(
                (
                    definition.name,
                    ToolSuggestion(name: definition.name.text, annotations: definition.annotations)
                ))
        }
        let width = suggestions.map(\.name.text.count).max() ?? 0
        for (tool, suggestion) in suggestions {
            let mark = suggestion.toolClass == .read ? "read" : "-   "
            Output.line("    \(mark)  \(tool.text.padded(to: width + 2))\(suggestion.because)")
        }
        let reads = suggestions.filter { $0.suggestion.toolClass == .read }.map(\.name)
        var granted = confirmed
        if !reads.isEmpty, try questions.confirm("  Grant the \(reads.count) marked read?") {
            granted.formUnion(reads)
        }
        let others = suggestions.map(\.name).filter { !granted.contains($0) && mayBeRead($0) }
        if !others.isEmpty {
            let answer = try questions.text(
                "  Which others only read, as you know? Names, or nothing:", standIn: "")
            for word in answer.split(whereSeparator: { $0 == " " || $0 == "," }) {
                guard let tool = others.first(where: { $0.text == word }) else {
                    Output.line(
                        "  `\(TerminalEscaping.shown(String(word)))` is not one of them: left unchanged"
                    )
                    continue
                }
                granted.insert(tool)
            }
        }
        tools = suggestions.map { tool, suggestion in
            guard granted.contains(tool), mayBeRead(tool) else {
                let own = suggestion.toolClass
                let least = entry.tools[tool]?.leastClass
                return DraftPolicy.Tool(
                    name: tool, toolClass: own == .read ? .write : max(own, least),
                    because: "not confirmed as read: " + suggestion.because,
                    flow: flow(of: tool, isRead: false))
            }
            return DraftPolicy.Tool(
                name: tool, toolClass: .read, because: "confirmed: " + suggestion.because,
                flow: flow(of: tool, isRead: true))
        }
    }

    private func flow(of tool: ToolName, isRead: Bool) -> FlowSuggestion? {
        entry.tools[tool].map {
            FlowSuggestion(name: tool.text, inputSchema: $0.inputSchema, isRead: isRead)
        }
    }

    /// Returns false if the server itself declares that the tool does more than read; no class may be below that
    /// (E408).
    private func mayBeRead(_ tool: ToolName) -> Bool { entry.tools[tool]?.leastClass == nil }

    private func max(_ a: ToolClass, _ b: ToolClass?) -> ToolClass {
        guard let b, a.isBelow(b) else { return a }
        return b
    }
}
