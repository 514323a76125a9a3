import InterlockCluster
import InterlockModel
import InterlockTesting
import Testing

/// Which node serves a run's messages, with a store and peers that answer at once.
struct RunRouterTests {
    private let start = AssignmentCase.start
    private let run = AssignmentCase.run()

    @Test func `the node of the first message serves the run, and others forward to it`() throws {
        var cluster = try DirectRouters()
        let first = cluster.message(1, 0)
        guard case .attach(let attached, let assignment) = first.first else {
            Issue.record("\(first)")
            return
        }
        #expect(attached == run && assignment.origin == .new && !assignment.hasLostMemory)
        #expect(first.dropFirst() == [.serves(1)])
        cluster.message(2, 1)
        cluster.message(3, 2)
        let nodes = cluster.done.filter { $0.action == .serves(2) || $0.action == .serves(3) }
            .map { $0.node }
        #expect(nodes == [0, 0])
    }

    @Test func `another agent's message for the run is refused`() throws {
        var cluster = try DirectRouters()
        cluster.message(1, 0)
        let here = cluster.message(2, 0, agent: AssignmentCase.other)
        #expect(here == [.refuses(2, .unfit)])
    }

    @Test func `a run that is not used for a minute moves with the next message`() throws {
        var cluster = try DirectRouters()
        cluster.message(1, 0)
        let early = cluster.handle(.tick, 0, at: start + .seconds(600))
        #expect(early.isEmpty, "a message of it is open")
        cluster.handle(.finished(RunMessage(1), run), 0, at: start + .seconds(600))
        let soon = cluster.handle(.tick, 0, at: start + .seconds(659))
        let free = cluster.handle(.tick, 0, at: start + .seconds(660))
        #expect(soon.isEmpty && free == [.drop(run)])
        let moved = cluster.message(2, 1, at: start + .seconds(661))
        guard case .attach(_, let assignment) = moved.first else {
            Issue.record("\(moved)")
            return
        }
        #expect(assignment.origin == .freed(AssignmentCase.node(0)))
        #expect(assignment.hasLostMemory && assignment.level == .clean)
        #expect(cluster.done.last?.node == 1)
    }

    @Test func `a peer that does not serve the run is asked again about twice`() throws {
        var router = RunRouter(AssignmentCase.node(0), .first)
        let message = RunEvent.message(
            RunMessage(1), run, AssignmentCase.agent, isCall: false, from: nil)
        var actions = router.handle(message, at: start)
        for attempt in 0..<3 {
            guard case .claim(let claim) = actions.first else {
                Issue.record("\(attempt): \(actions)")
                return
            }
            actions = router.handle(
                .claimed(claim, .serves(AssignmentCase.node(1))), at: start)
            #expect(actions == [.forward(RunMessage(1), to: AssignmentCase.node(1))])
            actions = router.handle(.notMine(RunMessage(1)), at: start)
        }
        #expect(actions == [.refuses(1, .moving)])
    }

    @Test func `a forwarded message goes no further`() throws {
        var router = RunRouter(AssignmentCase.node(0), .first)
        let message = RunEvent.message(
            RunMessage(1), run, AssignmentCase.agent, isCall: false, from: AssignmentCase.node(2))
        let asked = router.handle(message, at: start)
        guard case .claim(let claim) = asked.first else {
            Issue.record("\(asked)")
            return
        }
        let answer = router.handle(.claimed(claim, .serves(AssignmentCase.node(1))), at: start)
        #expect(answer == [.refuses(1, .notMine)])
        let again = router.handle(message, at: start)
        guard case .claim = again.first else {
            Issue.record("\(again): a forwarded message is answered by the store's word alone")
            return
        }
    }

    @Test func `a message that may have reached a lost peer is not sent again`() throws {
        for wasSent in [true, false] {
            var router = RunRouter(AssignmentCase.node(0), .first)
            let message = RunEvent.message(
                RunMessage(1), run, AssignmentCase.agent, isCall: true, from: nil)
            guard case .claim(let claim) = router.handle(message, at: start).first else {
                Issue.record("no claim")
                return
            }
            _ = router.handle(.claimed(claim, .serves(AssignmentCase.node(1))), at: start)
            let lost = router.handle(
                .peerLost(RunMessage(1), wasSent: wasSent), at: start)
            if wasSent {
                #expect(lost == [.refuses(1, .unknown)])
            } else {
                guard case .claim = lost.first else {
                    Issue.record("\(lost)")
                    return
                }
            }
        }
    }

    @Test func `without the store a new run is refused, and one that is served goes on`() throws {
        var cluster = try DirectRouters()
        cluster.message(1, 0)
        cluster.cutOff = [0, 1, 2]
        let own = cluster.message(2, 0)
        let new = cluster.message(3, 0, run: 2)
        #expect(own == [.serves(2)] && new == [.refuses(3, .storeUnavailable)])
        cluster.cutOff = []
        let later = cluster.message(4, 0, run: 2)
        #expect(later.last == .serves(4, 2))
    }

    @Test func `a run of an expelled node is claimed, tainted and with its calls rounded up`()
        throws
    {
        var cluster = try DirectRouters()
        for number in 1...3 { cluster.message(Int64(number), 0, isCall: true) }
        #expect(cluster.routers[0].calls(of: run) == 3)
        try cluster.table.expel(AssignmentCase.node(0), .first)
        cluster.handle(.peerExpelled(AssignmentCase.node(0)), 1)
        let claimed = cluster.message(4, 1)
        guard case .attach(_, let assignment) = claimed.first else {
            Issue.record("\(claimed)")
            return
        }
        #expect(assignment.origin == .lost(AssignmentCase.node(0)))
        #expect(assignment.home == AssignmentCase.node(0))
        #expect(assignment.level == .untrusted && assignment.calls == 64)
        #expect(cluster.routers[1].calls(of: run) == 64)
        let lost = cluster.handle(.joined(Incarnation.first.next), 0)
        #expect(lost == [.drop(run)])
    }

    @Test func `a node that drains frees its runs as their calls end, and takes none`() throws {
        var cluster = try DirectRouters()
        cluster.message(1, 0, run: 1)
        cluster.message(2, 0, run: 2)
        cluster.handle(.finished(RunMessage(2), AssignmentCase.run(2)), 0)
        let drained = cluster.handle(.drain, 0)
        #expect(drained == [.drop(AssignmentCase.run(2))])
        let open = cluster.message(3, 0, run: 1)
        let new = cluster.message(4, 0, run: 3)
        #expect(open == [.serves(3)] && new == [.refuses(4, .moving)])
        let first = cluster.handle(.finished(RunMessage(1), run), 0)
        let last = cluster.handle(.finished(RunMessage(3), run), 0)
        #expect(first.isEmpty && last == [.drop(run)])
        let moved = cluster.message(5, 1, run: 1)
        #expect(moved.last == .serves(5))
    }

    @Test func `messages that come while a run is freed wait, and the run is claimed anew`() throws
    {
        var router = RunRouter(AssignmentCase.node(0), .first)
        var table = RunTable()
        try table.join(AssignmentCase.node(0), .first)
        func message(_ number: Int64) -> RunEvent {
            .message(
                RunMessage(number), run, AssignmentCase.agent, isCall: false, from: nil)
        }
        guard case .claim(let claim) = router.handle(message(1), at: start).first else {
            Issue.record("no claim")
            return
        }
        _ = router.handle(.claimed(claim, try table.claim(claim)), at: start)
        _ = router.handle(.finished(RunMessage(1), run), at: start)
        let freed = router.handle(.tick, at: start + .seconds(60))
        guard case .change(let change) = freed.first else {
            Issue.record("\(freed)")
            return
        }
        #expect(router.term(of: run) == nil, "it serves the run no more")
        let waits = router.handle(message(2), at: start + .seconds(60))
        #expect(waits.isEmpty)
        // The outcome of the change is unknown.
        let again = router.handle(.changeFailed(change, nil), at: start + .seconds(62))
        guard again.first == .drop(run), case .claim(let second) = again.last else {
            Issue.record("\(again)")
            return
        }
        let answer = try table.claim(second)
        let served = router.handle(.claimed(second, answer), at: start + .seconds(62))
        #expect(served.last == .serves(2) && router.term(of: run) == 2)
        #expect(throws: RunTableRefusal.moved, "the late change frees nothing") {
            try table.change(change)
        }
    }

    @Test func `a result that raises the level waits for its commit`() throws {
        var cluster = try DirectRouters()
        cluster.message(1, 0)
        let clean = cluster.handle(.result(AssignmentCase.call(1), run, .clean), 0)
        #expect(clean == [.release(AssignmentCase.call(1))])
        let raised = cluster.handle(.result(AssignmentCase.call(2), run, .untrusted), 0)
        #expect(raised == [.release(AssignmentCase.call(2))])
        #expect(cluster.table.row(run)?.level == .untrusted, "committed before")
        cluster.cutOff = [0]
        let lost = cluster.handle(.result(AssignmentCase.call(3), run, .hostile), 0)
        #expect(lost == [.withhold(AssignmentCase.call(3))])
        #expect(cluster.routers[0].level(of: run) == .hostile, "decisions know it at once")
        let lower = cluster.handle(.result(AssignmentCase.call(4), run, .untrusted), 0)
        #expect(lower == [.release(AssignmentCase.call(4))])
        cluster.cutOff = []
        let again = cluster.handle(.result(AssignmentCase.call(5), run, .hostile), 0)
        #expect(again == [.release(AssignmentCase.call(5))])
        #expect(cluster.table.row(run)?.level == .hostile)
        let foreign = cluster.handle(
            .result(AssignmentCase.call(6), AssignmentCase.run(9), .clean), 0)
        #expect(foreign == [.withhold(AssignmentCase.call(6))])
    }

    @Test func `results of one level wait for one commit`() throws {
        var router = RunRouter(AssignmentCase.node(0), .first)
        let assignment = RunAssignment(
            term: 1, home: AssignmentCase.node(0), origin: .new, level: .clean, calls: 0,
            reserved: 64)
        guard
            case .claim(let claim) = router.handle(
                .message(RunMessage(1), run, AssignmentCase.agent, isCall: true, from: nil),
                at: start
            ).first
        else {
            Issue.record("no claim")
            return
        }
        _ = router.handle(.claimed(claim, .assigned(assignment)), at: start)
        let first = router.handle(.result(AssignmentCase.call(1), run, .untrusted), at: start)
        let second = router.handle(.result(AssignmentCase.call(2), run, .untrusted), at: start)
        let third = router.handle(.result(AssignmentCase.call(3), run, .hostile), at: start)
        guard case .change(let low) = first.first, case .change(let high) = third.first else {
            Issue.record("\(first) \(third)")
            return
        }
        #expect(second.isEmpty)
        let released = router.handle(.changed(low), at: start)
        #expect(
            released == [.release(AssignmentCase.call(1)), .release(AssignmentCase.call(2))])
        let last = router.handle(.changed(high), at: start)
        #expect(last == [.release(AssignmentCase.call(3))])
    }

    @Test func `calls beyond the number at the store wait until it is raised`() throws {
        var cluster = try DirectRouters()
        for number in 1...31 { cluster.message(Int64(number), 0, isCall: true) }
        #expect(cluster.table.row(run)?.calls == 64)
        cluster.message(32, 0, isCall: true)
        #expect(cluster.table.row(run)?.calls == 128, "raised ahead of the calls")
        cluster.cutOff = [0]
        for number in 33...128 {
            let served = cluster.message(Int64(number), 0, isCall: true)
            #expect(served == [.serves(Int64(number))])
        }
        let beyond = cluster.message(129, 0, isCall: true)
        #expect(beyond == [.refuses(129, .storeUnavailable)])
        let stream = cluster.message(130, 0)
        #expect(stream == [.serves(130)], "what is no call is not counted")
        cluster.cutOff = []
        let counted = cluster.message(131, 0, isCall: true)
        #expect(counted.last == .serves(131) && cluster.table.row(run)?.calls == 192)
    }

    @Test func `a run that the store says has moved is given up`() throws {
        var router = RunRouter(AssignmentCase.node(0), .first)
        let assignment = RunAssignment(
            term: 1, home: AssignmentCase.node(0), origin: .new, level: .clean, calls: 0,
            reserved: 64)
        guard
            case .claim(let claim) = router.handle(
                .message(RunMessage(1), run, AssignmentCase.agent, isCall: true, from: nil),
                at: start
            ).first
        else {
            Issue.record("no claim")
            return
        }
        _ = router.handle(.claimed(claim, .assigned(assignment)), at: start)
        let raised = router.handle(.result(AssignmentCase.call(1), run, .hostile), at: start)
        guard case .change(let change) = raised.first else {
            Issue.record("\(raised)")
            return
        }
        let lost = router.handle(.changeFailed(change, .moved), at: start)
        #expect(lost == [.withhold(AssignmentCase.call(1)), .drop(run)])
        #expect(router.term(of: run) == nil)
    }

    @Test func `a run that ended is dropped, and its messages are refused`() throws {
        var cluster = try DirectRouters()
        cluster.message(1, 0)
        cluster.table.end(run)
        let ended = cluster.handle(.runEnded(run), 0)
        let next = cluster.message(2, 0)
        #expect(ended == [.drop(run)] && next == [.refuses(2, .ended)])
    }

    @Test func `an answer to an earlier claim counts for nothing`() throws {
        var router = RunRouter(AssignmentCase.node(0), .first)
        let message = RunEvent.message(
            RunMessage(1), run, AssignmentCase.agent, isCall: false, from: nil)
        guard case .claim(let claim) = router.handle(message, at: start).first else {
            Issue.record("no claim")
            return
        }
        let moved = router.handle(.joined(Incarnation.first.next), at: start)
        #expect(moved == [.refuses(1, .moving)])
        let assignment = RunAssignment(
            term: 1, home: AssignmentCase.node(0), origin: .new, level: .clean, calls: 0,
            reserved: 64)
        let late = router.handle(.claimed(claim, .assigned(assignment)), at: start)
        #expect(late.isEmpty && router.term(of: run) == nil)
    }
}
