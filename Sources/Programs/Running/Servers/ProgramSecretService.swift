package import InterlockCredentials
package import InterlockPolicy
import Synchronization

/// Obtains the secrets of servers that programs of `secrets.commands` print. No policy waits for a program: what it
/// takes away must not stay until a program has ended, or its time is over.
///
/// INVARIANT: a policy's servers are configured before its programs are asked, and never again once a later policy
/// came. Kept by `ProgramSecretServiceTests`.
package final class ProgramSecretService: Sendable {
    /// Configures the servers of one policy, some of whose secrets may not be there yet (`ServerSecrets.isComplete`).
    /// Called with a lock held: it must not wait, and must not call the service.
    package typealias Configure = @Sendable (ServerSecrets) -> Void

    private struct Wanted: Sendable {
        let generation: Int
        let references: Set<SecretReference>
        let configure: Configure
    }

    private struct State {
        /// Counts policies.
        var generation = 0
        var isStopped = false
        /// The last values of the programs of the newest policy, with which its servers run until new ones are there.
        var known = ServerSecrets()
        /// The newest policy, until its programs are asked.
        var next: Wanted?
        /// Asks programs, for one policy at a time; nil while there is nothing to ask.
        var task: Task<Void, Never>?
    }

    private let provider: SecretProvider
    private let state = Mutex(State())

    package init(_ provider: SecretProvider) { self.provider = provider }

    /// Notes that another policy is in force, before `follow` configures its servers: nothing is configured for an
    /// earlier one any more, and none of its programs is asked.
    package func supersede() {
        state.withLock { state in
            state.generation += 1
            state.next = nil
        }
    }

    /// Configures at once, with the last values of programs that were asked before, and again when the programs have
    /// ended, unless a later policy came until then. Returns after the first.
    ///
    /// - Parameter references: the secrets of programs; without one, `configure` is called once.
    package func follow(
        _ references: Set<SecretReference>, _ configure: @escaping Configure
    ) {
        state.withLock { state in
            guard !state.isStopped else { return }
            state.generation += 1
            state.known = state.known.obtained(of: references)
            configure(state.known)
            state.next = nil
            guard !references.isEmpty else { return }
            state.next = Wanted(
                generation: state.generation, references: references, configure: configure)
            if state.task == nil { state.task = Task { await self.ask() } }
        }
    }

    /// Returns once no program is waited for.
    package func settle() async {
        while let task = state.withLock({ $0.task }) { await task.value }
    }

    /// Nothing is configured after the return.
    package func stop() {
        state.withLock { state in
            state.isStopped = true
            state.next = nil
        }
    }

    private func ask() async {
        while let wanted = takeNext() {
            let printed = await ServerSecrets(wanted.references, from: provider)
            state.withLock { state in
                guard state.generation == wanted.generation, !state.isStopped else { return }
                state.known = printed.obtained(of: wanted.references)
                wanted.configure(printed)
            }
        }
    }

    private func takeNext() -> Wanted? {
        state.withLock { state in
            defer { state.next = nil }
            if state.next == nil { state.task = nil }
            return state.next
        }
    }
}
