import InterlockJSON
import InterlockModel
import InterlockPolicy

extension CaseReader {
    /// Reads the keys of an agent case.
    mutating func agentCase(_ value: TypedValue) -> AgentCase? {
        guard let request = value["request"], let text = request.text,
            let world = value["world"], let path = world.text, let expect = value["expect"]
        else { return nil }
        guard text.contains(where: { !$0.isWhitespace }) else {
            return refuse(.wrongType, request.place, request.path, "request: the text is empty")
        }
        // A variable ends there, so that the agent would get another request by it than on standard input.
        guard !text.utf8.contains(0) else {
            return refuse(.wrongType, request.place, request.path, "request: the text has a NUL")
        }
        guard Self.isFixture(path) else {
            return refuse(
                .wrongType, world.place, world.path,
                "world: `\(path)` is not a path like `fixtures/orders.yaml`")
        }
        let state = (expect["state"]?.items ?? []).compactMap { stateCheck($0) }
        let calls = expectedCalls(expect["calls"])
        let approvals = expect["approvals"].flatMap { expectedApprovals($0) }
        let most = expect["denials"]?["max"]?.integer.map { Int($0) }
        guard !findings.hasErrors else { return nil }
        let read = AgentCase(
            request: text, world: path, state: state, calls: calls, mostDenials: most,
            approvals: approvals, place: world.place)
        guard
            !read.demandsNothing || !read.withheld.isEmpty || !calls.counts.isEmpty
                || most != nil || approvals != nil
        else {
            return refuse(
                .missingKey, expect.place, expect.path, "expect: the case expects nothing")
        }
        guard read.callCount <= EvalLimits.calls else {
            return refuse(
                .tooLarge, expect.place, expect.path,
                "expect: names more than \(EvalLimits.calls) calls")
        }
        return read
    }

    /// Returns true for a YAML file below `fixtures/`, without hidden parts and without `..`.
    static func isFixture(_ path: String) -> Bool {
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count >= 2 && parts.count <= 8 && parts[0] == "fixtures"
            && path.hasSuffix(".yaml") && path.utf8.count <= 255
            && parts.allSatisfy { part in
                !part.isEmpty && !part.hasPrefix(".")
                    && part.utf8.allSatisfy {
                        isLetter($0) || isDigit($0) || "._-".utf8.contains($0)
                    }
            }
    }

    private mutating func stateCheck(_ value: TypedValue) -> StateCheck? {
        guard let at = value["at"], let pointer = at.text,
            let key = CaseSchema.conditions.first(where: { value[$0] != nil }),
            let stated = value[key]
        else { return nil }
        guard let path = JSONPath(pointer), !path.tokens.isEmpty else {
            return refuse(
                .wrongType, at.place, at.path,
                "at: `\(pointer)` is no pointer like `/shop/orders`")
        }
        guard let condition = condition(key, stated) else { return nil }
        return StateCheck(path: path, condition: condition, place: value.place)
    }

    private mutating func condition(
        _ key: String, _ value: TypedValue
    ) -> StateCheck.Condition? {
        switch key {
        case "equals": return value.json.map { .equals($0) }
        case "contains": return value.json.map { .contains($0) }
        case "size": return value.integer.map { .size(Int($0)) }
        case "absent":
            guard value.flag == true else {
                return refuse(
                    .wrongType, value.place, value.path,
                    "absent: is `true`; a value that is there is compared")
            }
            return .absent
        default:
            guard let text = value.text, !text.isEmpty,
                text.utf8.count <= EvalLimits.patternBytes
            else {
                return refuse(
                    .wrongType, value.place, value.path,
                    "matches: a pattern has 1 to \(EvalLimits.patternBytes) bytes")
            }
            return .matches(text)
        }
    }

    private mutating func expectedCalls(_ value: TypedValue?) -> ExpectedCalls {
        let counts = (value?["count"]?.members ?? []).compactMap { callCount($0) }
        let order = (value?["order"]?.items ?? []).compactMap { tool($0) }
        return ExpectedCalls(
            required: patterns(value?["required"]), forbidden: patterns(value?["forbidden"]),
            stopped: patterns(value?["stopped"]), order: order, counts: counts)
    }

    private mutating func patterns(_ list: TypedValue?) -> [CallPattern] {
        (list?.items ?? []).compactMap { item -> CallPattern? in
            guard let named = item["call"], let call = tool(named) else { return nil }
            guard let stated = item["args"] else { return CallPattern(call: call, arguments: nil) }
            guard let arguments = stated.json?.object else {
                return refuse(
                    .wrongType, stated.place, stated.path, "args: arguments are a mapping")
            }
            return CallPattern(call: call, arguments: arguments)
        }
    }

    private mutating func callCount(_ member: TypedValue.Member) -> CallCount? {
        let value = member.value
        guard let call = ToolAddress(ofCase: member.key) else {
            return refuse(
                .malformedName, member.keyPlace, value.path,
                "`\(member.key)`: a case names a tool as `server.tool`")
        }
        let least = value["min"]?.integer
        let most = value["max"]?.integer
        guard least != nil || most != nil, (least ?? 0) <= (most ?? .max) else {
            return refuse(
                .wrongShape, value.place, value.path,
                "\(member.key): states `min`, `max` or both, and `min` is not above `max`")
        }
        return CallCount(call: call, least: Int(least ?? 0), most: most.map { Int($0) })
    }

    private mutating func expectedApprovals(_ value: TypedValue) -> ExpectedApprovals? {
        guard let answer = value["answer"]?.text.flatMap(ExpectedApprovals.Answer.init(rawValue:))
        else { return nil }
        let asked = (value["asked"]?.items ?? []).compactMap { tool($0) }
        return ExpectedApprovals(asked: asked, answer: answer)
    }
}
