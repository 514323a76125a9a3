import InterlockCredentials
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct WorkloadBindingTests {
    private let now = Timestamp(microseconds: 1_795_000_000_000_000)

    private func principal(_ credential: String, agent: String = "clerk") throws -> Principal {
        Principal(
            agent: try #require(AgentName(agent)), run: NameAuthenticator.run(of: credential),
            purpose: nil, onBehalfOf: nil, credential: credential, expires: now + .seconds(60))
    }

    private func key(_ byte: UInt8) -> Workload {
        .key(OpenSSLHashing().sha256([byte]))
    }

    @Test func `the first that uses a credential keeps it, and of others one is told of`() throws {
        let bindings = WorkloadBindings()
        let one = try principal("a")
        #expect(bindings.bind(one, to: key(1), now: now) == .own)
        #expect(bindings.bind(one, to: key(2), now: now) == .foreign(isNews: true))
        #expect(bindings.bind(one, to: .anyone, now: now) == .foreign(isNews: false))
        #expect(bindings.bind(one, to: .user(0), now: now) == .foreign(isNews: false))
        #expect(bindings.bind(one, to: key(1), now: now) == .own)
        #expect(bindings.bind(try principal("b"), to: key(2), now: now) == .own)
        #expect(bindings.bind(try principal("a", agent: "boss"), to: key(2), now: now) == .own)
    }

    @Test func `when there is no room a new credential is refused, until others end`() throws {
        let bindings = WorkloadBindings()
        for number in 0..<WorkloadBindings.largestCount {
            _ = bindings.bind(try principal("t\(number)"), to: .anyone, now: now)
        }
        let late = try principal("late")
        #expect(bindings.bind(late, to: .anyone, now: now) == .full)
        #expect(bindings.bind(try principal("t1"), to: .anyone, now: now) == .own)
        #expect(bindings.bind(late, to: .anyone, now: now + .seconds(70)) == .own)
    }

    @Test func `what a release revoked leaves its room to others`() throws {
        let bindings = WorkloadBindings()
        for number in 0..<WorkloadBindings.largestCount {
            _ = bindings.bind(try principal("t\(number)"), to: .anyone, now: now)
        }
        let late = try principal("late")
        #expect(bindings.bind(late, to: .anyone, now: now) == .full)
        bindings.forget([try principal("t5").run])
        #expect(bindings.bind(late, to: .anyone, now: now) == .own)
    }
}
