package import InterlockModel

/// One page of the matrix: agents as rows, servers as columns.
package struct PolicyMatrix: Sendable {
    package static let mostRows = 50
    package static let mostColumns = 12

    package struct Row: Sendable {
        package let agent: AgentName
        /// True if every call is denied at present, because the agent is at stage observe.
        package let isHeld: Bool
        /// One for each of `servers`.
        package let cells: [MatrixCell]

        package init(agent: AgentName, isHeld: Bool, cells: [MatrixCell]) {
            self.agent = agent
            self.isHeld = isHeld
            self.cells = cells
        }
    }

    /// A page of rows or of columns, by its number from 1.
    package struct Part: Sendable, Hashable {
        package let page: Int
        package let pages: Int
        /// The number of rows or columns on all pages.
        package let count: Int

        /// - Parameter page: a number beyond the last page means the last one.
        package init(page: Int, count: Int, size: Int) {
            pages = max(1, (count + size - 1) / size)
            self.page = min(max(1, page), pages)
            self.count = count
        }
    }

    /// The revision that it was computed from.
    package let policy: Digest
    package let servers: [ServerName]
    package let rows: [Row]
    package let rowPart: Part
    package let columnPart: Part

    package init(
        policy: Digest, servers: [ServerName], rows: [Row], rowPart: Part, columnPart: Part
    ) {
        self.policy = policy
        self.servers = servers
        self.rows = rows
        self.rowPart = rowPart
        self.columnPart = columnPart
    }
}

/// The tools of one server that something gives an agent, with what decides on their calls.
package struct MatrixDetail: Sendable {
    package struct Tool: Sendable {
        package let address: ToolAddress
        package let toolClass: ToolClass
        package let effects: [Effect]
        /// The outcome in one sentence.
        package let sentence: String
        /// The verdicts, read from the top: the first that applies decides.
        package let lines: [Line]

        package init(
            address: ToolAddress, toolClass: ToolClass, effects: [Effect], sentence: String,
            lines: [Line]
        ) {
            self.address = address
            self.toolClass = toolClass
            self.effects = effects
            self.sentence = sentence
            self.lines = lines
        }
    }

    package struct Line: Sendable, Hashable {
        /// The verdict with its condition, in words.
        package let words: String
        /// The rule that decides, as a decision names it.
        package let rule: String
        /// The location of the rule, or nil if it is built in.
        package let place: PolicyLocation?

        package init(words: String, rule: String, place: PolicyLocation?) {
            self.words = words
            self.rule = rule
            self.place = place
        }
    }

    package let agent: PolicyAgent
    package let server: ServerName
    /// The codes of findings for which every call is denied at present.
    package let held: [String]
    /// Sorted by name.
    package let tools: [Tool]

    package init(agent: PolicyAgent, server: ServerName, held: [String], tools: [Tool]) {
        self.agent = agent
        self.server = server
        self.held = held
        self.tools = tools
    }
}
