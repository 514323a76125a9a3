package import InterlockCluster
package import InterlockModel
import Synchronization

/// One node of a cluster on its real parts (docs/specs/cluster.md): it sends heartbeats, applies the chain, halts and
/// expels. It is also the `PeerListener` of the node.
///
/// Reads are for the path of calls: each takes one lock for a short time and waits for nothing. Safe to use from any
/// thread.
package final class NodeService: Sendable {
    struct Shared {
        var program: NodeProgram
        var authorities: [NodeName: String] = [:]
    }

    private static let tickPause = Duration.milliseconds(50)

    let shared: Mutex<Shared>
    let parts: NodeParts
    private let effects: AsyncStream<NodeEffect>
    private let queue: AsyncStream<NodeEffect>.Continuation

    /// - Parameter process: an id that no other process of this node has.
    package init(_ loaded: LoadedNode, process: String, _ parts: NodeParts) {
        self.parts = parts
        shared = Mutex(
            Shared(
                program: NodeProgram(
                    loaded.node, process: process, known: parts.copy.incarnation)))
        (effects, queue) = AsyncStream<NodeEffect>.makeStream()
        let now = parts.clock.boot
        shared.withLock { shared in
            for effect in shared.program.act(loaded.actions, now) { queue.yield(effect) }
            queue.yield(.head(shared.program.head))
            queue.yield(.members(shared.program.members))
        }
    }

    /// Drives the node until the task is cancelled, and returns once all calls have ended. Must be called once.
    package func run(with peers: any PeerChannel) async {
        defer { queue.finish() }
        await withDiscardingTaskGroup { group in
            group.addTask { await self.keepTime() }
            for await effect in effects {
                // Notifications and messages to peers keep their order.
                if send(effect, peers) { continue }
                group.addTask { await self.perform(effect) }
            }
        }
    }

    private func keepTime() async {
        while !Task.isCancelled {
            post(.tick(random: parts.random()))
            try? await Task.sleep(for: Self.tickPause)
        }
    }

    func post(_ event: NodeEvent) {
        shared.withLock { shared in
            // The time is read under the lock, so that it never goes back from one event to the next.
            let effects = shared.program.handle(event, at: parts.clock.now)
            for effect in effects { queue.yield(effect) }
        }
    }

    /// Notifies the listener after all that was noted before.
    func notify(_ notification: NodeNotification) { queue.yield(.notify(notification)) }

    /// - Returns: false if the effect is work that takes time.
    private func send(_ effect: NodeEffect, _ peers: any PeerChannel) -> Bool {
        switch effect {
        case .notify(let notification): parts.listener.receive(notification)
        case .push(let statement, let halt): post(.pushed(halt: statement, peers.push(halt)))
        case .chained(let number): peers.chained(halt: number)
        case .ask(let number): peers.fetch(after: number)
        case .head(let head): peers.advance(to: head)
        case .members(let members):
            peers.set(members: members, authorities: shared.withLock { $0.authorities })
        case .start, .heartbeat, .advance, .read, .compare, .repair, .restore, .open, .append,
            .take, .keep, .expel:
            return false
        }
        return true
    }

    // MARK: Orders

    /// Verifies a halt and puts it in force at once; it is pushed to all nodes and appended to the chain. The same halt
    /// may come any number of times.
    ///
    /// - Parameter peer: the node from which it came; nil if it came from people or this node itself.
    /// - Throws: if the halt does not count: nothing has changed.
    package func halt(
        _ halt: Envelope, from peer: NodeName? = nil
    ) throws(OrderRefusal) {
        // The signature is verified without the lock.
        let node = shared.withLock { $0.program.node }
        let accepted = try node.verify(halt, at: parts.clock.wall)
        let statement = node.hashing.sha256(halt.payload)
        post(.halted(accepted, statement: statement, from: peer))
    }

    /// Appends what people have signed, and returns its entry once this node has applied it.
    ///
    /// - Parameter subject: as nodes expect it of the kind.
    /// - Throws: if it is not known to be applied. It may be appended then, so the state decides.
    @discardableResult
    package func append(
        _ kind: WideningKind, _ statements: PeopleStatements, subject: String
    ) async throws(ClusterCallFailure) -> ChainHead {
        guard let incarnation = self.incarnation else {
            throw .unknown("this node has no incarnation: it starts, or was expelled")
        }
        let draft: EntryDraft
        do throws(EntrySigningFailure) {
            draft = try await parts.signer.draft(kind, statements, subject: subject)
        } catch { throw .unknown(error.reason) }
        let number = try await parts.store.append(draft, in: incarnation)
        await catchUp()
        await wait(for: number)
        guard let digest = follower.digest(of: number) else {
            throw .unknown("entry \(number) was appended, and is not applied here yet")
        }
        return ChainHead(number: number, digest: digest)
    }

    /// Applies the entries that the store has after those that were applied. Returns also if that fails.
    package func catchUp() async {
        while let rows = try? await parts.store.entries(after: head.number), let last = rows.last {
            let before = head
            await apply(rows)
            guard head.number > before.number, head.number >= last.number else { return }
        }
    }

    /// Applies entries that the store returned, in the order of their numbers, and waits until they are in the copy on
    /// disk, for five seconds at most.
    package func apply(_ entries: [StoredEntry]) async {
        guard let last = entries.last, head.number < last.number else { return }
        post(.rows(entries))
        await wait(for: last.number)
    }

    private func wait(for number: Int64) async {
        for _ in 0..<Self.appliedSteps {
            let follower = self.follower
            guard follower.head.number < number, follower.status == .following else { return }
            try? await Task.sleep(for: Self.appliedStep)
        }
    }

    private static let appliedStep = Duration.milliseconds(1)
    private static let appliedSteps = 5_000

    /// The node has compiled a revision.
    package func load(_ revision: Digest) { post(.loaded(revision)) }

    /// Drains the node: it takes no new run, and hands its runs over within the time.
    package func drain(within time: Duration) { post(.lifecycle(.drain(within: time))) }

    /// The number of runs that the node is still assigned to.
    package func note(runs count: Int) { post(.lifecycle(.runs(count))) }

    /// Says where nodes are: a host and a port each.
    package func set(authorities: [NodeName: String]) {
        shared.withLock { shared in
            shared.authorities = authorities
            queue.yield(.members(shared.program.members))
        }
    }
}
