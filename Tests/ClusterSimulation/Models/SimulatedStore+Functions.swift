import InterlockCluster
import InterlockModel

/// The functions of the schema `il`.
extension SimulatedStore {
    mutating func perform(
        _ call: StoreCall, _ node: Int, at time: VirtualTime
    ) throws(StoreError) -> StoreAnswer {
        switch call {
        case .start: return try start(node)
        case .heartbeat(let heartbeat, let starved, let tasks):
            return try self.heartbeat(heartbeat, starved, tasks, of: node, at: time)
        case .fetch(let number):
            return .rows(time < staleUntil ? [] : entries(after: number))
        case .append(let draft, _):
            try append(draft.stored(after: rows.head, hashing: hashing), draft.kind)
            return .rows(Array(rows.entries.suffix(1)))
        case .expel(let silent, let draft):
            try expel(silent, draft)
            return .done
        case .repair(let entries):
            repair(entries)
            return .done
        case .takeTask(let task, let seen): return .task(take(task, seen, by: node))
        case .ask(let grant, let request):
            if rows.requests[grant] == nil { rows.requests[grant] = request }
            return .done
        case .vote(let grant, let version):
            try vote(grant, version)
            return .done
        case .use(let use): return try self.use(use)
        case .claim(let claim): return try self.claim(claim)
        case .change(let change):
            do throws(RunTableRefusal) { try rows.runs.change(change) } catch {
                throw StoreError(.runs(error))
            }
            return .done
        case .take, .report, .putBack, .finishRestoring: return try units(call, node, at: time)
        }
    }

    func entries(after number: Int64) -> [StoredEntry] {
        rows.entries.filter { $0.number > number }
    }

    /// append: nothing in a generation whose heads were not compared; each use and each order once.
    mutating func append(_ entry: StoredEntry, _ kind: EntryKind) throws(StoreError) {
        guard isOpen else { throw StoreError(.notCompared) }
        let isOnce = kind == .narrowing(.use) || kind.isEpoch
        if isOnce, hasUniqueUses, rows.entries.contains(where: { isSame($0, entry, kind) }) {
            throw StoreError(.closed)
        }
        rows.entries.append(entry)
    }

    /// True if two entries are one use, or one order of people: another order can have the same id.
    private func isSame(_ one: StoredEntry, _ other: StoredEntry, _ kind: EntryKind) -> Bool {
        guard one.kind == kind.text, one.subject == other.subject else { return false }
        return kind == .narrowing(.use) || order(in: one) == order(in: other)
    }

    private func order(in entry: StoredEntry) -> [UInt8]? {
        switch entry.statement?.content {
        case .narrowing(.halt(let halt)): halt.payload
        case .widening(_, let statements): statements.envelopes[0].payload
        case .genesis, .narrowing, nil: nil
        }
    }

    private mutating func start(_ node: Int) throws(StoreError) -> StoreAnswer {
        rows.members[node].incarnation += 1
        rows.members[node].beat = 0
        rows.members[node].isGone = false
        guard let incarnation = Incarnation(rows.members[node].incarnation) else {
            throw StoreError(.closed)
        }
        let name = SimulatedOrganisation.nodeName(node)
        do throws(EscrowRefusal) { try rows.escrow.join(name, incarnation) } catch {
            throw StoreError(.units(error))
        }
        do throws(RunTableRefusal) { try rows.runs.join(name, incarnation) } catch {
            throw StoreError(.runs(error))
        }
        return .started(incarnation)
    }

    private mutating func heartbeat(
        _ heartbeat: ClusterNode.Heartbeat, _ starved: Set<UnitKey>, _ tasks: [ClusterTask],
        of node: Int, at time: VirtualTime
    ) throws(StoreError) -> StoreAnswer {
        guard rows.members[node].incarnation == heartbeat.incarnation.number,
            !rows.members[node].isGone
        else { throw StoreError(.expelled) }
        rows.members[node].beat = max(rows.members[node].beat, heartbeat.beat)
        rows.members[node].applied = heartbeat.applied
        rows.members[node].generation = generation
        let name = SimulatedOrganisation.nodeName(node)
        rows.tasks = rows.tasks.map { row -> TaskRow in
            guard row.node == name, tasks.contains(row.task) else { return row }
            return TaskRow(task: row.task, node: name, term: row.term, beat: row.beat + 1)
        }
        if comparesHeads, GenerationGate.isUnknown(heartbeat.applied, digest: rows.digest) {
            rows.openGeneration = nil
        }
        if !isOpen, verdict == .open { rows.openGeneration = generation }
        let units: UnitHeartbeat
        do throws(EscrowRefusal) {
            units = try rows.escrow.heartbeat(
                of: name, heartbeat.incarnation, starved: starved)
        } catch { throw StoreError(.units(error)) }
        return .heartbeat(
            HeartbeatRows(
                generation: generation, isOpen: isOpen, head: rows.head,
                time: clock.wall(at: time),
                members: tasks.contains(.watch) ? memberRows : [], tasks: rows.tasks,
                requests: requestRows, units: units))
    }

    private var verdict: GenerationGate.Verdict {
        GenerationGate.judge(
            generation, head: rows.head?.number,
            reports: rows.members.enumerated().map { number, member in
                GenerationGate.Report(
                    node: SimulatedOrganisation.nodeName(number), isGone: member.isGone,
                    generation: member.generation, applied: member.applied)
            }, digest: rows.digest)
    }

    /// False if the function does not compare the head in a heartbeat.
    private var comparesHeads: Bool {
        faults.isDisjoint(with: [.generationUnchecked, .headsIgnored])
    }

    private var memberRows: [SilentNodeDetector.Row] {
        rows.members.enumerated().compactMap { number, member -> SilentNodeDetector.Row? in
            guard let incarnation = Incarnation(member.incarnation) else { return nil }
            return SilentNodeDetector.Row(
                node: SimulatedOrganisation.nodeName(number), incarnation: incarnation,
                beat: member.beat, isGone: member.isGone)
        }
    }

    private var requestRows: [HeartbeatRows.RequestRow] {
        rows.requests.compactMap { grant, request -> HeartbeatRows.RequestRow? in
            // A liar shows a grant that was used as one that is left.
            let isShown = givesForeignUses && request.state == .used
            guard request.state == .approved || isShown else { return nil }
            return HeartbeatRows.RequestRow(
                grant: grant, version: request.version,
                used: isShown ? request.used - 1 : request.used, state: .approved,
                isVoted: request.isVoted)
        }.sorted { $0.grant < $1.grant }
    }

    /// expel: the conditional update; its entry waits until a new generation is open.
    private mutating func expel(
        _ silent: SilentNodeDetector.Silent, _ draft: EntryDraft
    ) throws(StoreError) {
        let found = rows.members.indices.first {
            SimulatedOrganisation.nodeName($0) == silent.node
        }
        guard let node = found, rows.members[node].incarnation == silent.incarnation.number,
            rows.members[node].beat == silent.beat, !rows.members[node].isGone
        else { throw StoreError(.closed) }
        rows.members[node].incarnation += 1
        rows.members[node].isGone = true
        do throws(EscrowRefusal) { try rows.escrow.expel(silent.node, silent.incarnation) } catch {
            throw StoreError(.units(error))
        }
        do throws(RunTableRefusal) {
            try rows.runs.expel(silent.node, silent.incarnation)
        } catch { throw StoreError(.runs(error)) }
        if isOpen { try append(draft.stored(after: rows.head, hashing: hashing), draft.kind) }
    }

    private mutating func take(_ task: ClusterTask, _ seen: Int64, by node: Int) -> TaskRow? {
        let name = SimulatedOrganisation.nodeName(node)
        guard let place = rows.tasks.firstIndex(where: { $0.task == task }) else {
            guard seen == 0 else { return nil }
            let row = TaskRow(task: task, node: name, term: 1, beat: 0)
            rows.tasks.append(row)
            return row
        }
        guard let row = rows.tasks[place].taken(by: name, seen: seen) else { return nil }
        rows.tasks[place] = row
        return row
    }
}
