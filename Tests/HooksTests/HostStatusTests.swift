import InterlockHooks
import InterlockModel
import Testing

@Suite struct HostStatusTests {
    private let policy = Digest(words: (1, 2, 3, 4))

    @Test func `a status is read as it was written`() throws {
        let agent = try #require(AgentName("fixer"))
        let halt = try #require(OrderID("01kag0q9v4x2m7c8d3e5f6g7h8"))
        var all: [HookHost: HostStatus.Checked] = [:]
        for host in HookHost.allCases {
            all[host] = HostStatus.Checked(state: .probing, ageSeconds: 1 << 40)
        }
        for policyState in HostStatus.PolicyState.allCases {
            for (halt, doctor) in [(nil, [:]), (halt, all)] {
                let status = HostStatus(
                    agent: agent, halt: halt, policy: policy, policyState: policyState,
                    doctor: doctor)
                #expect(try HostStatus(parsing: status.wire) == status)
            }
        }
    }

    private static let good =
        #"{"v":1,"agent":"fixer","halt":null,"policy":"sha256:\#(String(repeating: "0", count: 64))","policy_state":"signed","#
        + #""doctor":{"claude-code":{"result":"good","age":1}}}"#

    @Test func `another answer is refused`() throws {
        _ = try HostStatus(parsing: Array(Self.good.utf8))
        for (from, to) in [
            (Self.good, ""), (Self.good, "{}"),
            (Self.good, #"{"v":1,"verdict":"deny","reason":"unknown-user"}"#),
            ("null", "false"), ("sha256:00", "sha256:"), ("\"signed\"", "\"Signed\""),
            ("\"signed\"", "null"), ("\"claude-code\"", "\"vim\""), ("\"good\"", "\"fine\""),
            ("\"age\":1", "\"age\":-1"), ("\"age\":1", "\"age\":1.5"), (",\"age\":1", ""),
            ("\"policy_state\":\"signed\",", ""), ("{\"claude-code\"", "[{\"claude-code\""),
        ] {
            let text = Self.good.replacing(from, with: to, maxReplacements: 1)
            #expect(text != Self.good)
            #expect(throws: FormError.self, "\(to)") { try HostStatus(parsing: Array(text.utf8)) }
        }
    }

    @Test func `the names of states are those of the records`() {
        #expect(DoctorState.allCases.map(\.name) == ["good", "failed", "unknown", "probing"])
        let message = #expect(throws: FormError.self) {
            try DoctorResult(parsing: Array(#"{"v":1,"host":"cursor","result":"fine"}"#.utf8))
        }
        for state in DoctorState.allCases {
            #expect(message.map { "\($0)" }?.contains(state.name) == true)
        }
    }

    @Test func `a result of doctor is read as it was written, and nothing else`() throws {
        for host in HookHost.allCases {
            for state in DoctorState.allCases {
                let result = DoctorResult(host: host, state: state)
                #expect(try DoctorResult(parsing: result.wire) == result)
            }
        }
        for text in [
            "", "[]", "{}", #"{"v":1,"host":"claude-code"}"#,
            #"{"v":2,"host":"claude-code","result":"good"}"#,
            #"{"v":1,"host":"Claude","result":"good"}"#,
            #"{"v":1,"host":"claude-code","result":"Good"}"#,
            #"{"v":1,"host":"claude-code","result":"good","agent":"clerk"}"#,
            #"{"v":1,"host":"claude-code","result":"good","result":"failed"}"#,
        ] {
            #expect(throws: FormError.self, "\(text)") {
                try DoctorResult(parsing: Array(text.utf8))
            }
        }
    }
}
