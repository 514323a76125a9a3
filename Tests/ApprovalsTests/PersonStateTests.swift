import InterlockModel
import Testing

@testable import InterlockApprovals

/// The state of a credential at a time.
struct PersonStateTests {
    private let now = Timestamp(microseconds: 1_795_000_000_000_000)

    private func state(
        age: Int64, founding: Bool = false, ends: Int64? = nil, revoked: Bool = false
    ) -> CredentialState {
        CredentialState(
            added: now - .seconds(age), founding: founding,
            expires: ends.map { now + .seconds($0) },
            revoked: revoked ? now : nil, at: now)
    }

    @Test func `a new credential is limited for a day, and a founding one never`() {
        #expect(state(age: 86_399) == .limited(until: now + .seconds(1)))
        #expect(state(age: 86_400) == .active)
        #expect(state(age: 0, founding: true) == .active)
    }

    @Test func `a credential that ended or was revoked is not active`() {
        #expect(state(age: 90_000, ends: 1) == .active)
        #expect(state(age: 90_000, ends: 0) == .expired)
        #expect(state(age: 90_000, ends: 0, revoked: true) == .revoked)
        #expect(state(age: 10, revoked: true) == .revoked)
    }
}
