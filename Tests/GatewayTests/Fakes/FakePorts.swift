import InterlockGateway
import InterlockModel
import Synchronization

/// Time that stands until it is moved.
final class FakeClock: Clock {
    private let micros = Mutex<Int64>(1_795_169_731_500_000)
    var now: Moment {
        let value = micros.withLock { $0 }
        return Moment(
            wall: Timestamp(microseconds: value),
            boot: BootTime(microseconds: value - 1_700_000_000_000_000))
    }
    func advance(_ duration: Duration) { micros.withLock { $0 += duration.microseconds } }
}

/// Bytes that repeat for a seed, so a failure repeats too.
final class SeededEntropy: Entropy {
    private let state: Mutex<UInt64>
    init(seed: UInt64) { state = Mutex(seed) }
    func bytes(_ count: Int) -> [UInt8] {
        state.withLock { state in
            (0..<count).map { _ in
                state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
                return UInt8(truncatingIfNeeded: state >> 33)
            }
        }
    }
}

/// The bearer is the agent's name.
struct NameAuthenticator: Authenticator {
    let run: RunID
    func identify(bearer: String?, now: Timestamp) throws(IdentityFailure) -> Principal {
        guard let bearer else { throw .missing }
        guard let agent = AgentName(bearer) else { throw .malformed }
        return Principal(
            agent: agent, run: run, purpose: "test", onBehalfOf: nil, credential: "jti",
            expires: now + .seconds(60))
    }
}

struct FixedStages: TrustStages {
    let number: Int
    func stage(of agent: AgentName) -> TrustStage { TrustStage(number) ?? .lowest }
}

struct PlainPseudonyms: Pseudonyms {
    func pseudonym(of person: Person) -> Pseudonym { Pseudonym(text: person.address) }
}
