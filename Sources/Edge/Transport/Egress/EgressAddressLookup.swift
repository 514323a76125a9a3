import InterlockEgress
import InterlockPorts

/// Looks the addresses of a permitted target up once, and checks all of them. Used on a proxy's loop.
///
/// INVARIANT: a rule has admitted the target before, and only addresses that were checked here are dialled. Kept by
/// `EgressProxyTests`, `ModelRouteTests`.
struct EgressAddressLookup {
    let authorizer: any EgressAuthorizer
    let resolver: any EgressResolver
    /// The time for a look-up.
    let limit: Duration
    let loop: EventLoop

    func addresses(
        of attempt: EgressAttempt, _ rule: EgressRule
    ) async throws(EgressRefusal) -> CheckedAddresses {
        if let address = attempt.target.host.address {
            return try CheckedAddresses([address], allowsPrivate: rule.allowsPrivate)
        }
        let began = loop.nowNanoseconds
        let found = await lookUp(attempt.target.host)
        let answers = (try? found.get()) ?? EgressAnswers(addresses: [])
        authorizer.resolved(
            EgressLookup(
                attempt: attempt, rule: rule, answers: answers.addresses, aliases: answers.aliases,
                milliseconds: Int64(clamping: (loop.nowNanoseconds &- began) / 1_000_000)))
        let all = try found.get()
        return try CheckedAddresses(
            all.addresses, aliases: all.aliases, allowsPrivate: rule.allowsPrivate)
    }

    /// Waits for the resolver within the limit.
    private func lookUp(_ host: EgressHost) async -> Result<EgressAnswers, EgressRefusal> {
        let (loop, resolver) = (loop, resolver)
        return await withCheckedContinuation { continuation in
            let once = Once<Result<EgressAnswers, EgressRefusal>> {
                continuation.resume(returning: $0)
            }
            let timer = loop.schedule(after: limit) {
                once.run(.failure(EgressRefusal(.dnsFailure, "the resolver did not answer")))
            }
            let cancel = LoopTimerBox(timer)
            Task(executorPreference: loop) {
                let found: Result<EgressAnswers, EgressRefusal>
                do throws(EgressRefusal) {
                    found = .success(try await resolver.resolve(host))
                } catch {
                    found = .failure(error)
                }
                loop.perform {
                    loop.cancel(cancel.timer)
                    once.run(found)
                }
            }
        }
    }
}

/// Carries a timer of the loop into a task of the same loop.
private final class LoopTimerBox: @unchecked Sendable {
    let timer: LoopTimer
    init(_ timer: LoopTimer) { self.timer = timer }
}
