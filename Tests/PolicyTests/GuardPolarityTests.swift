import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyCEL

/// Error polarity (docs/specs/policy.md, section 5.3): an error decides like FALSE on a grant and like TRUE on a forbid
/// or an effect, whatever its kind.
@Suite struct GuardPolarityTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let text: String
        let result: GuardResult
        var testDescription: String { text }
        init(_ text: String, _ result: GuardResult) {
            self.text = text
            self.result = result
        }
        init(_ text: String, _ kind: CELFault.Kind) { self.init(text, .error(kind)) }
    }

    static let cases: [Case] = [
        Case("args.n == 1", .true),
        Case("args.n == 2", .false),
        Case("args.missing == 1", .noSuchKey),
        Case("!(args.missing > 500)", .noSuchKey),
        Case("call.on_behalf_of == 'x'", .noSuchKey),
        Case("args.text > 5", .noSuchOverload),
        Case("args.n / 0 == 1", .divideByZero),
        Case("args.n + 9223372036854775807 > 0", .overflow),
        Case("int(args.text) == 1", .conversion),
        Case("uint(0 - args.n) == 1u", .range),
        Case("args.list[7] == 1", .invalidArgument),
        Case("args.text.charAt(9) == 'a'", .index),
        Case("'%d'.format([args.text]) == 'a'", .format),
        Case("size({args.list: 1}) == 1", .keyType),
        Case("size({args.n: 1, 1: 2}) == 2", .repeatedKey),
        Case("args.n.field == 1", .noSelection),
        Case("args.many.all(x, args.many.all(y, x + y > 0))", .budget),
        Case("true || args.many.all(x, args.many.all(y, x + y > 0))", .true),
        Case("args.many.all(x, args.many.all(y, x + y > 0)) || true", .budget),
    ]

    /// The arguments; the budget runs out if evaluation goes from left to right, because both operands can decide
    /// alone.
    static let arguments: JSONValue = [
        "n": 1, "text": "abc", "list": [1, 2],
        "many": .array((1...200).map { .integer($0) }),
    ]

    @Test(arguments: cases)
    func `Each place of a guard has its side`(example: Case) throws {
        let policy = try snapshot(Self.policy(example.text))
        func decide(_ call: String, at now: Timestamp = exampleTime) throws -> Decision {
            let request = DecisionRequest(
                agent: try #require(AgentName("a")), address: try address(call),
                arguments: Self.arguments)
            return policy.decide(request, facts: DecisionFacts(effectiveStage: .trusted), now: now)
        }
        let applies = example.result != .false
        let forbid = try decide("desk.forbidden")
        #expect(forbid.guards == [GuardRecord(rule: "f", result: example.result)])
        #expect((forbid.rule == "f") == applies)
        #expect((forbid.verdict == .deny) == applies)

        let scope = try decide("desk.scoped")
        #expect(
            scope.guards == [
                GuardRecord(rule: "agents.a.mcp_scopes.desk[0]", result: example.result)
            ])
        #expect(scope.reason == (example.result == .true ? .controls : .guardFalse))
        #expect((scope.verdict == .allow) == (example.result == .true))

        let elevated = try decide("desk.elevated")
        #expect(elevated.reason == (example.result == .true ? .controls : .guardFalse))
        #expect(try decide("desk.elevated", at: time("2026-11-20T12:00:00Z")).reason == .noGrant)

        let effect = try decide("desk.effects")
        #expect(effect.effects.has(.sensitiveData) == applies)
        #expect(effect.verdict == (applies ? .approve(1) : .allow))

        let ungranted = try decide("desk.ungranted")
        #expect(ungranted.reason == (applies ? .forbid : .noGrant))
    }

    private static func policy(_ text: String) -> String {
        """
        interlock: 1
        org: acme
        controls: {sensitive_data: {supervised: approve, trusted: approve}}
        approvals: {leads: {members: [ada@acme.example, sam@acme.example]}}
        servers:
          desk:
            tools:
              forbidden: {class: read}
              scoped: {class: read}
              elevated: {class: read}
              effects: {class: read}
              ungranted: {class: read}
        forbid:
          - id: f
            tools: [desk.forbidden, desk.ungranted]
            when: |
              \(text)
        effects:
          - id: e
            tools: [desk.effects]
            add: sensitive_data
            when: |
              \(text)
        agents:
          a:
            owner: li@acme.example
            purpose: Tries
            tier: low
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes:
              desk:
                - tool: scoped
                  when: |
                    \(text)
                - forbidden
                - effects
        elevations:
          - id: UP
            agent: a
            grant:
              desk:
                - tool: elevated
                  when: |
                    \(text)
            from: "2026-11-20T08:00:00Z"
            until: "2026-11-20T12:00:00Z"
            approved_by: [ada@acme.example, sam@acme.example]
            reason: Needed
        """
    }

    @Test(arguments: [(count: 20, results: 2), (count: 50, results: 1), (count: 90, results: 0)])
    func `One budget holds for all guards of a decision`(count: Int, results: Int) throws {
        // The guard is false, after a number of steps that grows with the square of the list.
        let text = "!args.some.all(x, args.some.all(y, x + y > 0))"
        let policy = try snapshot(
            Self.policy(text).replacing(
                "  - id: f\n",
                with: """
                      - id: g
                        tools: [desk.forbidden]
                        when: |
                          \(text) && args.n == 1
                      - id: f

                    """))
        let request = DecisionRequest(
            agent: try #require(AgentName("a")), address: try address("desk.forbidden"),
            arguments: ["n": 1, "some": .array((1...count).map { .integer(Int64($0)) })])
        let decision = policy.decide(
            request, facts: DecisionFacts(effectiveStage: .trusted), now: exampleTime)
        let rules = ["f", "g"]
        let good = rules.prefix(results).map { GuardRecord(rule: $0, result: .false) }
        let spent = rules.dropFirst(results).prefix(1).map {
            GuardRecord(rule: $0, result: .error(.budget))
        }
        #expect(decision.guards == good + spent)
        #expect(decision.verdict == (results == 2 ? .allow : .deny))
    }
}
