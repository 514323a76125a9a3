import InterlockCluster
import InterlockModel
import Synchronization

/// The work at the store and on the disk.
extension NodeService {
    func perform(_ effect: NodeEffect) async {
        switch effect {
        case .start(let process, let beat, let least):
            post(
                .started(
                    await attempt { () async throws(ClusterCallFailure) in
                        let incarnation = try await self.parts.store.start(
                            process: process, beat: beat, least: least)
                        do throws(ChainCopyFailure) {
                            try await self.parts.copy.begin(incarnation)
                        } catch { throw ClusterCallFailure.unknown(error.description) }
                        return incarnation
                    }))
        case .heartbeat(let heartbeat, let horizon): await beat(heartbeat, horizon)
        case .advance(let node, let rows): await advance(node, rows)
        case .read(let number):
            post(
                .read(
                    await attempt { () async throws(ClusterCallFailure) in
                        try await self.parts.store.entries(after: number)
                    }))
        case .compare(let head):
            post(.compared(head, own: await parts.copy.digest(of: head.number)))
        case .repair(let lost, let applied, let incarnation):
            await repair(after: lost, to: applied, incarnation)
        case .restore(let generation, let incarnation):
            if await parts.restorer.restore(in: generation, incarnation) {
                _ = try? await parts.store.finishRestoring(in: incarnation)
            }
            post(.restored)
        case .open(let incarnation):
            _ = try? await parts.store.openGeneration(in: incarnation)
            post(.opened)
        case .append(let statement, let halt, let draft, let incarnation):
            await append(statement, halt, draft, incarnation)
        case .take(let row, let beat, let incarnation):
            let sent = parts.clock.boot
            let taken = try? await parts.store.take(
                .watch, after: row, beat: beat, in: incarnation)
            post(.taken(taken, sent: sent))
        case .keep(let term, let beat, let incarnation):
            let sent = parts.clock.boot
            let isKept = try? await parts.store.keep(
                .watch, term: term, beat: beat, in: incarnation)
            post(.kept(term: term, isKept ?? false, sent: sent))
        case .expel(let silent, let term, let incarnation):
            await expel(silent, term, incarnation)
        case .push, .chained, .ask, .head, .members, .notify: break
        }
    }

    private func attempt<Value: Sendable>(
        _ call: () async throws(ClusterCallFailure) -> Value
    ) async -> Result<Value, ClusterCallFailure> {
        do throws(ClusterCallFailure) { return .success(try await call()) } catch {
            return .failure(error)
        }
    }

    private func beat(_ heartbeat: ClusterNode.Heartbeat, _ horizon: ChangeHorizon) async {
        let message = StoreHeartbeat(
            incarnation: heartbeat.incarnation, beat: heartbeat.beat, applied: heartbeat.applied,
            horizon: horizon, starved: parts.starved())
        let sent = parts.clock.boot
        let result = await attempt { () async throws(ClusterCallFailure) in
            try await self.parts.store.heartbeat(message)
        }
        post(.answered(heartbeat, result, sent: sent, received: parts.clock.boot))
    }

    /// Verifies rows without the lock, and writes what they change before anything acts on it.
    private func advance(_ node: ClusterNode, _ rows: [StoredEntry]) async {
        let advance = NodeAdvance(node, rows, at: parts.clock.boot)
        // A crash before the write leaves the entries to be read again; after it, they are applied at the start.
        do throws(ChainCopyFailure) {
            if !advance.entries.isEmpty { try await parts.copy.append(advance.entries) }
            post(.advanced(advance))
        } catch { post(.notWritten(error)) }
    }

    private func append(
        _ statement: Digest, _ halt: Envelope, _ draft: EntryDraft?, _ incarnation: Incarnation
    ) async {
        guard let draft = await self.draft(draft, .halt(halt)) else {
            return post(.appended(halt: statement, nil, isDone: false))
        }
        let number = try? await parts.store.append(draft, in: incarnation)
        post(.appended(halt: statement, draft, isDone: number != nil))
    }

    private func expel(
        _ silent: SilentNodeDetector.Silent, _ term: Int64, _ incarnation: Incarnation
    ) async {
        let change = NarrowingChange.expelled(silent.node, silent.incarnation)
        var isExpelled = false
        if let draft = await self.draft(nil, change) {
            isExpelled =
                (try? await parts.store.expel(silent, term: term, draft, in: incarnation)) ?? false
        }
        post(.expelled(silent, isExpelled))
    }

    /// Returns the entry as it was signed before, or signs it.
    private func draft(_ signed: EntryDraft?, _ change: NarrowingChange) async -> EntryDraft? {
        if let signed { return signed }
        do throws(EntrySigningFailure) { return try await parts.signer.draft(change) } catch {
            notify(.notSigned(error))
            return nil
        }
    }

    /// Puts back the entries of this node's copy that the store has lost.
    private func repair(
        after lost: ChainHead?, to applied: ChainHead, _ incarnation: Incarnation
    ) async {
        let node = shared.withLock { $0.program.node }
        var own: Digest?
        if let lost { own = await parts.copy.digest(of: lost.number) }
        var rows: [StoredEntry] = []
        var last = lost?.number ?? -1
        while last < applied.number, let page = try? await parts.copy.entries(after: last),
            let newest = page.last
        {
            rows += page.filter { $0.number <= applied.number }
            last = newest.number
        }
        let plan = ChainRepair.plan(
            store: lost, own: own, applied: applied, rows: rows, hashing: node.hashing)
        switch plan {
        case .nothing: post(.repaired(nil))
        case .incomplete(let number): post(.repaired(.notRepaired(number)))
        case .forked:
            if let lost { post(.compared(lost, own: own)) }
            post(.repaired(nil))
        case .put(let rows):
            var count = 0
            for row in rows {
                guard let isNew = try? await parts.store.repair(row, in: incarnation) else { break }
                if isNew { count += 1 }
            }
            post(.repaired(count > 0 ? .repaired(count) : nil))
        }
    }
}
