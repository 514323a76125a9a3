import InterlockModel

// Readers of what an agent, a tool or a server states about data, hours and limits.

extension DataSpec {
    init(_ member: TypedValue.Member) {
        tool = Located(member.key, place: member.keyPlace, path: member.value.path)
        obligations = DataObligations(member.value)
    }
}

extension DataObligations {
    /// - Parameter value: a `data` record, or nil for no obligations.
    init(_ value: TypedValue?) {
        func paths(_ value: TypedValue?) -> [FieldPath]? {
            value.map { $0.items.compactMap(\.text).map(FieldPath.init) }
        }
        var mask: [FieldPath: MaskMethod] = [:]
        for member in value?["mask"]?.members ?? [] {
            mask[FieldPath(member.key)] = member.value.text.flatMap(MaskMethod.init)
        }
        self.init(
            keep: paths(value?["keep"]), drop: paths(value?["drop"]) ?? [], mask: mask,
            maxBytes: value?["max_bytes"]?.integer,
            overflow: value?["overflow"]?.text.flatMap(ResultOverflow.init) ?? .withhold,
            argumentsDrop: paths(value?["arguments"]?["drop"]) ?? [])
    }
}

func checkData(_ value: TypedValue, _ findings: inout Findings) {
    if let overflow = value["overflow"], value["max_bytes"] == nil {
        findings.add(.outOfPlace, at: overflow, "data: `overflow` requires `max_bytes`")
    }
    if let overflow = value["overflow"], overflow.text == ResultOverflow.truncate.rawValue,
        ["keep", "drop", "mask"].contains(where: { value[$0] != nil })
    {
        findings.add(
            .outOfPlace, at: overflow,
            "data: `overflow: truncate` beside `keep`, `drop` or `mask`",
            help: "use `overflow: withhold`")
    }
    guard value["keep"] != nil, let drop = value["drop"] else { return }
    findings.add(
        .keepWithDrop, at: drop.place, path: value.path, "data: `keep` and `drop` for one tool")
}

/// Reports `overflow: truncate` for a tool that does more than read: its agent must know the whole outcome.
///
/// - Parameter part: the part of the policy that states it.
func checkOverflow(
    _ overflow: ResultOverflow, of toolClass: ToolClass, at part: some PolicyPart,
    _ findings: inout Findings
) {
    guard overflow == .truncate, toolClass != .read else { return }
    findings.add(
        .outOfPlace, at: part, "data: `overflow: truncate` is for tools of class read alone",
        help: "use `overflow: withhold`")
}

extension HoursSpec {
    init?(_ value: TypedValue) {
        guard let from = value["from"]?.clock, let to = value["to"]?.clock,
            let zone = value["tz"]?.located(\.text)
        else { return nil }
        self.from = from
        self.to = to
        self.zone = zone
        days = Set(
            value["days"].map { $0.items.compactMap { $0.text.flatMap(weekDays.firstIndex) } }
                ?? Array(weekDays.indices))
        place = value.place
        path = value.path
    }
}

func readLimits(_ value: TypedValue?) -> [LimitSpec] {
    (value?.members ?? []).flatMap { member -> [LimitSpec] in
        switch member.key {
        case "spend": member.value.items.compactMap(LimitSpec.init(spend:))
        case "calls": LimitSpec(.calls, member).map { [$0] } ?? []
        default: LimitSpec(.tool(member.key), member).map { [$0] } ?? []
        }
    }
}

extension LimitSpec {
    fileprivate init?(_ subject: Subject, _ member: TypedValue.Member) {
        guard let rate = member.value.rate else { return nil }
        self.init(subject: subject, rate: rate, place: member.keyPlace, path: member.value.path)
    }

    fileprivate init?(spend value: TypedValue) {
        guard let tool = value["tool"]?.text, let field = value["field"]?.text,
            let rate = value["max"]?.rate
        else { return nil }
        self.init(
            subject: .spend(tool: tool, field: field), rate: rate, place: value.place,
            path: value.path)
    }
}
