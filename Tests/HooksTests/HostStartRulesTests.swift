import InterlockHooks
import InterlockModel
import InterlockTesting
import Testing

/// The rules by which a session may begin (docs/specs/coding-agents.md, section 6).
@Suite struct HostStartRulesTests {
    private static let good = HostStatus.Checked(state: .finished(.good), ageSeconds: 60)
    private static let tested = HookFacts.claudeCode.version

    private func refusal(
        version: String? = tested, halt: OrderID? = nil,
        policyState: HostStatus.PolicyState = .signed,
        doctor: [HookHost: HostStatus.Checked] = [.claudeCode: good], isOfDoctor: Bool = false
    ) throws -> HostStartRefusal? {
        let status = HostStatus(
            agent: try #require(AgentName("fixer")), halt: halt,
            policy: Digest(words: (1, 2, 3, 4)), policyState: policyState, doctor: doctor)
        return HostStartRules(.claudeCode, version: version)
            .refusal(status, isOfDoctor: isOfDoctor)
    }

    @Test(.requirement("R038")) func `a session begins if nothing is against it`() throws {
        #expect(try refusal() == nil)
        #expect(try refusal(version: "9.0.0") == nil)
        let day = HostStatus.Checked(state: .finished(.good), ageSeconds: 86_400)
        #expect(try refusal(doctor: [.claudeCode: day]) == nil)
    }

    @Test(.requirement("R038", "R112")) func `a halt comes first, and then the policy`() throws {
        let halt = try #require(OrderID("01kag0q9v4x2m7c8d3e5f6g7h8"))
        for isOfDoctor in [false, true] {
            #expect(
                try refusal(halt: halt, policyState: .unsigned, isOfDoctor: isOfDoctor)
                    == .halted("fixer"))
            #expect(try refusal(policyState: .unsigned, isOfDoctor: isOfDoctor) == .unsignedPolicy)
            #expect(
                try refusal(policyState: .reloadRefused, isOfDoctor: isOfDoctor) == .refusedPolicy)
        }
    }

    @Test(arguments: [nil, "", "2.1", "2.1.331", "2.1.332-beta", " 2.1.332", "v2.1.332", "1e9"])
    func `a version that is missing, unreadable or older is refused`(_ version: String?) throws {
        let found = try refusal(version: version)
        #expect(
            version.flatMap { HostVersion($0) } == nil
                ? found == .noVersion
                : found == .olderVersion(version ?? "", least: Self.tested))
    }

    @Test func `without a good result of the last 24 hours no session begins`() throws {
        #expect(try refusal(doctor: [:]) == .noResult(.claudeCode))
        #expect(try refusal(doctor: [.codex: Self.good]) == .noResult(.claudeCode))
        for outcome in [DoctorOutcome.failed, .unknown] {
            let bad = HostStatus.Checked(state: .finished(outcome), ageSeconds: 0)
            #expect(try refusal(doctor: [.claudeCode: bad]) == .badResult(.claudeCode, outcome))
        }
        let old = HostStatus.Checked(state: .finished(.good), ageSeconds: 86_401)
        #expect(try refusal(doctor: [.claudeCode: old]) == .oldResult(.claudeCode))
    }

    @Test func `a probe that begins lets the host start for 5 minutes`() throws {
        for (age, expected) in [
            (0, nil), (300, nil), (301, HostStartRefusal.oldResult(.claudeCode)),
        ] {
            let probing = HostStatus.Checked(state: .probing, ageSeconds: Int64(age))
            #expect(try refusal(doctor: [.claudeCode: probing]) == expected)
        }
    }

    @Test func `a trial by doctor leaves out the version and the result`() throws {
        #expect(try refusal(version: nil, doctor: [:], isOfDoctor: true) == nil)
    }

    @Test func `each reason is one line`() {
        let all: [HostStartRefusal] = [
            .halted("fixer"), .unsignedPolicy, .refusedPolicy, .noVersion,
            .olderVersion("1", least: "2"), .noResult(.claudeCode),
            .badResult(.claudeCode, .failed), .oldResult(.claudeCode),
        ]
        for one in all { #expect(!one.description.isEmpty && !one.description.contains("\n")) }
    }
}
