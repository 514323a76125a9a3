import InterlockCluster
import InterlockModel

/// The effects of what the node asks for, and the answers of its heartbeats.
extension NodeProgram {
    mutating func act(_ actions: [ClusterNode.Action], _ now: BootTime) -> [NodeEffect] {
        var effects: [NodeEffect] = []
        for action in actions {
            switch action {
            case .chain(let action): effects += act(action)
            case .generation(let action): effects += act(action)
            case .lifecycle(let action):
                if action == .startAgain {
                    attempt += 1
                    nextStart = now
                }
                effects.append(.notify(.lifecycle(action)))
            }
        }
        return effects
    }

    private mutating func act(_ action: ChainFollower.Action) -> [NodeEffect] {
        switch action {
        case .applied(let entry, let effect):
            return [.notify(.applied(entry, effect))] + applied(entry)
        case .passed(let head): return [.notify(.passed(head))]
        case .fetch: return fetch()
        case .compare(let head): return [.compare(head)]
        case .haltOrganisation(let fault): return [.notify(.broken(fault))]
        case .stop(let number, let kind): return [.notify(.stopped(number, kind: kind))]
        case .drain(let revision): return [.notify(.drain(revision))]
        }
    }

    private mutating func applied(_ entry: ChainEntry) -> [NodeEffect] {
        switch entry.statement.content {
        case .narrowing(.halt(let envelope)): return chained(envelope)
        case .widening(.member, _): return [.members(members)]
        case .genesis, .widening, .narrowing: return []
        }
    }

    /// The admitted members with their keys.
    var members: [NodeName: MemberKeys] {
        node.state.members.filter { $0.value.status == .admitted }.mapValues(\.keys)
    }

    private mutating func act(_ action: GenerationFollower.Action) -> [NodeEffect] {
        switch action {
        case .begin(let generation):
            horizon = .start
            return [.notify(.generation(generation))]
        case .repair(let lost):
            guard !isRepairing, let incarnation = node.lifecycle.incarnation else { return [] }
            isRepairing = true
            return [.repair(after: lost, to: head, incarnation)]
        case .fetch: return fetch()
        case .forked, .ignore, .renew: return []
        }
    }

    mutating func answered(
        _ heartbeat: ClusterNode.Heartbeat, _ answer: HeartbeatAnswer, sent: BootTime,
        received: BootTime, _ now: BootTime
    ) -> [NodeEffect] {
        isBeating = false
        let actions = node.handle(
            .answered(
                ClusterNode.Answer(
                    heartbeat: heartbeat, generation: answer.generation, isOpen: answer.isOpen,
                    head: answer.head, storeTime: answer.at, sent: sent, received: received)),
            at: now)
        guard !actions.contains(.generation(.ignore)) else { return [] }
        horizon = answer.horizon
        named = answer.head.number
        var effects = act(actions, now) + [.notify(.answered(answer))]
        // The answer is that of the incarnation which acts.
        guard let incarnation = node.lifecycle.incarnation, incarnation == heartbeat.incarnation
        else { return effects }
        effects += watch.look(at: answer, in: incarnation, sent: sent, now)
        if !answer.isRestored {
            guard !isRestoring else { return effects }
            isRestoring = true
            effects.append(.restore(answer.generation, incarnation))
        } else if !answer.isOpen, !isOpening, !isRepairing, node.follower.status == .following {
            isOpening = true
            effects.append(.open(incarnation))
        }
        return effects
    }

    mutating func failed(
        _ heartbeat: ClusterNode.Heartbeat, _ failure: ClusterCallFailure, _ now: BootTime
    ) -> [NodeEffect] {
        isBeating = false
        var effects = act(node.handle(.failed(beat: heartbeat.beat), at: now), now)
        if failure.refusal == .expelled {
            effects += act(
                node.handle(.lifecycle(.expelled(heartbeat.incarnation)), at: now), now)
        }
        return effects + [.notify(.unanswered(failure))]
    }
}
