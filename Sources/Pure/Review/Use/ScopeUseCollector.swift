package import InterlockJSON
package import InterlockLedger
package import InterlockModel

/// Opens the arguments of calls.
package protocol ArgumentSource {
    /// The arguments in a record `call.intent`; nil if they were erased or cannot be read.
    mutating func arguments(of record: StoredRecord) -> JSONValue?
}

/// Follows a log record by record and counts the use of granted tools. Memory is bounded by the tools and the open calls.
package struct ScopeUseCollector: Sendable {
    private let period: ReviewPeriod
    private let policy: Digest
    /// The positions of tools by agent and wire name.
    private var places: [Key: Int] = [:]
    private var tools: [Counted]
    private var open: [Digest: OpenUse] = [:]

    private struct Key: Hashable {
        let agent: ExactText
        let tool: ExactText
    }

    private struct Counted {
        let granted: GrantedTool
        var use: ToolUse
        var values: [ArgumentValues]
    }

    private struct OpenUse {
        let place: Int
        let time: Timestamp
        var isApproved = false
        let values: [ArgumentValue]
    }

    /// - Parameters:
    ///   - policy: the policy whose grants are counted.
    ///   - tools: the grants of the agents in scope, each once.
    package init(period: ReviewPeriod, policy: Digest, tools granted: [GrantedTool]) {
        self.period = period
        self.policy = policy
        tools = granted.sorted { ($0.agent, $0.tool) < ($1.agent, $1.tool) }.map { tool in
            Counted(
                granted: tool, use: ToolUse(agent: tool.agent, tool: tool.tool),
                values: tool.caps.map { _ in ArgumentValues() })
        }
        for (place, tool) in tools.enumerated() {
            let name = ExactText(tool.granted.tool.wireName)
            places[Key(agent: ExactText(tool.granted.agent.text), tool: name)] = place
        }
    }

    /// Takes the next record.
    package mutating func add(_ leaf: Leaf, from source: inout some ArgumentSource) {
        guard let record = RecordMembers(leaf) else { return }
        switch record.type {
        case .callIntent: begin(record, leaf, &source)
        case .approvalUsed:
            if let intent = record.digest("intent") { open[intent]?.isApproved = true }
        case .callOutcome, .callUnknown: close(record)
        case .callDenied: deny(record)
        default: break
        }
    }

    private mutating func begin(
        _ record: RecordMembers, _ leaf: Leaf, _ source: inout some ArgumentSource
    ) {
        guard period.contains(record.time), let place = place(record) else { return }
        let caps = tools[place].granted.caps
        var values: [ArgumentValue] = []
        if !caps.isEmpty {
            let stored = try? StoredRecord(parsing: leaf.bytes)
            let arguments = stored.flatMap { source.arguments(of: $0) }
            values = caps.map { ArgumentValue(arguments, $0.argument) }
        }
        open[leaf.hash] = OpenUse(place: place, time: record.time, values: values)
    }

    private func place(_ record: RecordMembers) -> Int? {
        guard let agent = record.text("agent"), let tool = record.text("tool") else { return nil }
        return places[Key(agent: ExactText(agent), tool: ExactText(tool))]
    }

    private mutating func close(_ record: RecordMembers) {
        guard let intent = record.digest("intent"), let call = open.removeValue(forKey: intent)
        else { return }
        count(call)
    }

    private mutating func count(_ call: OpenUse) {
        tools[call.place].use.calls += 1
        if call.isApproved { tools[call.place].use.approvals += 1 }
        let last = tools[call.place].use.last ?? call.time
        tools[call.place].use.last = max(last, call.time)
        for (index, value) in call.values.enumerated() {
            tools[call.place].values[index].add(value)
        }
    }

    private mutating func deny(_ record: RecordMembers) {
        if let intent = record.digest("intent"), let call = open.removeValue(forKey: intent) {
            tools[call.place].use.denials += 1
            return
        }
        guard period.contains(record.time), let place = place(record) else { return }
        tools[place].use.denials += Int(clamping: max(1, record.integer("cnt") ?? 1))
    }

    /// The matrix of the records so far. A call that has not ended counts as one that ran: nothing that may be in use is
    /// reported as unused.
    package var use: ScopeUse {
        var whole = self
        for call in open.values { whole.count(call) }
        return ScopeUse(
            period: period, policy: policy,
            tools: whole.tools.map { counted in
                var use = counted.use
                use.arguments = zip(counted.granted.caps, counted.values).map { cap, values in
                    values.use(of: cap)
                }
                return use
            })
    }
}

/// The value of one argument of a call.
private enum ArgumentValue {
    case number(Int64)
    /// The call does not have the argument.
    case absent
    case unknown

    init(_ arguments: JSONValue?, _ name: String) {
        guard let object = arguments?.object else {
            self = .unknown
            return
        }
        guard let value = object[name] else {
            self = .absent
            return
        }
        self = value.integer.map { .number($0) } ?? .unknown
    }
}

/// The values of one argument in all calls.
private struct ArgumentValues {
    /// The number of calls by value, up to `most` different ones.
    private var counts: [Int64: Int] = [:]
    private var isCut = false
    private var largest: Int64?
    private var count = 0
    private var unread = 0

    private static let most = 10_000

    mutating func add(_ value: ArgumentValue) {
        switch value {
        case .absent: break
        case .unknown: unread += 1
        case .number(let number):
            count += 1
            largest = max(largest ?? number, number)
            if counts.count < Self.most || counts[number] != nil {
                counts[number, default: 0] += 1
            } else {
                isCut = true
            }
        }
    }

    func use(of cap: GrantedTool.Cap) -> ArgumentUse {
        ArgumentUse(
            name: cap.argument, cap: cap.most, largest: largest, typical: isCut ? nil : median,
            count: count, unread: unread)
    }

    /// The lower median.
    private var median: Int64? {
        var rest = (count + 1) / 2
        for (value, count) in counts.sorted(by: { $0.key < $1.key }) {
            rest -= count
            if rest <= 0 { return value }
        }
        return nil
    }
}
