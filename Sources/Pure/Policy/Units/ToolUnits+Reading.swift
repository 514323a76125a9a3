import InterlockModel

/// Reads `units` of a tool, and reports what its shape does not show: money without a currency, a name that is no
/// argument.
func readUnits(_ value: TypedValue?, _ findings: inout Findings) -> ToolUnits {
    guard let value else { return .none }
    if value.members.count > ToolUnits.most {
        findings.add(.tooLarge, at: value, "units: more than \(ToolUnits.most) arguments")
    }
    var units: [ArgumentUnit] = []
    for member in value.members.prefix(ToolUnits.most) {
        guard let argument = ArgumentPath("args." + member.key) else {
            findings.add(
                .unfitUnit, at: member.keyPlace, path: member.value.path,
                "units: `\(member.key)` is no argument; name members of `args` alone, such as `amount`"
            )
            continue
        }
        guard let kind = kind(of: member.value, member.key, &findings) else { continue }
        units.append(
            ArgumentUnit(
                argument: argument, kind: kind, place: member.keyPlace, path: member.value.path))
    }
    return ToolUnits(units)
}

/// The unit of one argument, or nil if it has a finding.
private func kind(
    of value: TypedValue, _ name: String, _ findings: inout Findings
) -> ArgumentUnit.Kind? {
    if let scale = value["money"]?.text.flatMap(ArgumentUnit.MoneyScale.init) {
        return currency(of: value, name, &findings).map { .money(scale, $0) }
    }
    // A kind that was not read has its own finding.
    if let currency = value["currency"], value["is"] != nil || value["count"] != nil {
        findings.add(.unfitUnit, at: currency, "\(name): `currency` is for `money` alone")
        return nil
    }
    if let count = value["count"], let text = count.text {
        guard (1...ArgumentUnit.longestName).contains(text.utf8.count),
            text.unicodeScalars.allSatisfy(\.isSeen), text.first != " ", text.last != " "
        else {
            findings.add(
                .unfitUnit, at: count,
                "\(name): `count` is the name of what is counted, such as `seats`, in at most "
                    + "\(ArgumentUnit.longestName) bytes")
            return nil
        }
        return .count(of: text)
    }
    return value["is"]?.text.flatMap(ArgumentUnit.Measure.init).map { .measure($0) }
}

private func currency(
    of value: TypedValue, _ name: String, _ findings: inout Findings
) -> ArgumentUnit.CurrencySource? {
    guard let stated = value["currency"], let text = stated.text else {
        if value["currency"] == nil {
            findings.add(
                .missingKey, at: value, "\(name): `currency` is missing",
                help: "write `currency: args.currency`, or a code such as `EUR`")
        }
        return nil
    }
    if let path = ArgumentPath(text) { return .argument(path) }
    if let currency = Currency(code: text) { return .fixed(currency) }
    findings.add(
        .unfitUnit, at: stated,
        "\(name): `\(text)` is neither an argument nor a currency of ISO 4217",
        help: "write `currency: args.currency`, or a code such as `EUR`")
    return nil
}

extension ArgumentUnit {
    /// The longest name of what is counted, in bytes.
    static let longestName = 32
}
