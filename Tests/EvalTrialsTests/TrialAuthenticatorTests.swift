import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockEvalTrials

struct TrialAuthenticatorTests {
    private func made(expires: Timestamp) throws -> TrialAuthenticator {
        let agent = try #require(AgentName("refunds"))
        let run = RunID(milliseconds: 1, random: [UInt8](repeating: 0, count: 10))
        return TrialAuthenticator(
            bearer: "eval_1",
            principal: Principal(
                agent: agent, run: run, purpose: .text("eval"), onBehalfOf: nil, credential: "c",
                expires: expires))
    }

    @Test func `the credential of a trial is one, and ends with it`() throws {
        let now = Timestamp(microseconds: 1_795_000_000_000_000)
        let authenticator = try made(expires: now + .seconds(60))
        #expect(try authenticator.identify(bearer: "eval_1", now: now).credential == "c")
        #expect(throws: IdentityFailure.missing) {
            try authenticator.identify(bearer: nil, now: now)
        }
        for other in ["", "eval_", "eval_12", "EVAL_1"] {
            #expect(throws: IdentityFailure.unknownKey) {
                try authenticator.identify(bearer: other, now: now)
            }
        }
        #expect(throws: IdentityFailure.expired) {
            try authenticator.identify(bearer: "eval_1", now: now + .seconds(60))
        }
        let before = authenticator.revocations
        authenticator.end()
        #expect(authenticator.revocations > before)
        #expect(throws: IdentityFailure.revoked) {
            try authenticator.identify(bearer: "eval_1", now: now)
        }
    }
}
