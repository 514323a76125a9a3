import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

/// Requests that are known to be bad (docs/specs/approvals.md, section 12).
@Suite struct ProbeTests {
    private let office = Office()
    private let flaw = ProbeFlaw(.amount, "too much")
    private let now = Office.start + .seconds(60)

    private func probe(quorum: Int = 2) throws -> Probe {
        Probe(try office.request(try office.review(quorum: quorum)), flaw: flaw)
    }

    private func vote(
        _ probe: Probe, _ verdict: Vote.Verdict, by member: Int = 0
    ) throws -> ApprovalEvent {
        .vote(
            try office.judge().verify(
                .key(try office.envelope(on: probe.form, verdict, by: member)),
                tier: probe.form.decision.tier, at: now))
    }

    @Test(arguments: [1, 2]) func `an approval ends it and nothing can use it`(quorum: Int) throws {
        var probe = try probe(quorum: quorum)
        let person = office.people[0]
        #expect(
            probe.handle(try vote(probe, .approve), at: now)
                == .probed(isCaught: false, by: person.pseudonym))
        #expect(probe.form.state == .void && probe.form.votes.isEmpty)
        #expect(probe.form.grantEnds == nil)
        #expect(probe.form.probe?.verdict == .approve && probe.form.probe?.by == person.person)
        let claim = UseClaim(callDigest: probe.form.callDigest, decision: .allow)
        #expect(probe.handle(.use(claim), at: now) == .refused(.notGranted))
        #expect(
            probe.handle(try vote(probe, .deny, by: 1), at: now) == .refused(.closed(.void)))
    }

    @Test func `a denial ends it, and whoever denied is told`() throws {
        var probe = try probe()
        #expect(
            probe.handle(try vote(probe, .deny), at: now)
                == .probed(isCaught: true, by: office.people[0].pseudonym))
        #expect(probe.form.state == .denied && probe.form.probe?.isCaught == true)
        #expect(probe.form.probe?.sentence.contains("too much") == true)
    }

    @Test func `before it is decided nothing tells it from a request`() throws {
        var probe = try probe()
        #expect(probe.form == (try office.request(try office.review(quorum: 2))))
        #expect(probe.handle(.tick, at: now) == .none)
        #expect(probe.form.probe == nil)
        #expect(probe.handle(.tick, at: probe.form.expires) == .expired(.unanswered))
        #expect(probe.form.probe == nil, "nobody has decided it")
    }

    @Test func `what releases or changes a request does nothing to it`() throws {
        let events: [ApprovalEvent] = [
            .consent(bind: try probe().form.bind),
            .use(UseClaim(callDigest: try probe().form.callDigest, decision: .allow)),
            .reissue(try office.review(revision: 2), voters: []),
            .breakGlass(try office.lowered(try probe().form)),
        ]
        for event in events {
            var probe = try probe()
            #expect(probe.handle(event, at: now) == .refused(.notGranted))
            #expect(probe.form.state == .pending)
        }
    }

    @Test func `a vote that no request takes, no probe takes`() throws {
        var probe = try probe()
        let other = Probe(try office.request(try office.review(of: 2)), flaw: flaw)
        #expect(
            probe.handle(try vote(other, .approve), at: now) == .refused(.noSuchRequest))
        #expect(!probe.isOver)
    }

    @Test func `it survives being stored, and only while it waits`() throws {
        let probe = try probe()
        let judge = try office.judge()
        #expect(try Probe(json: probe.json, judge: judge, hashing: office.hashing) == probe)
        var approved = probe.json.object ?? [:]
        var form = probe.form.json.object ?? [:]
        form["state"] = "approved"
        approved["form"] = .object(form)
        #expect(throws: ApprovalRefusal.self) {
            try Probe(json: .object(approved), judge: judge, hashing: office.hashing)
        }
        // A stored request cannot be read as a probe, nor a probe as a request.
        #expect(throws: ApprovalRefusal.self) {
            try Probe(json: probe.form.json, judge: judge, hashing: office.hashing)
        }
        #expect(throws: ApprovalRefusal.self) {
            try ApprovalRequest(json: probe.json, judge: judge, hashing: office.hashing)
        }
    }

    @Test func `the book keeps what ended last`() throws {
        var book = ProbeRegistry()
        var ids: [ApprovalID] = []
        for number in 0...UInt8(ProbeRegistry.mostEnded) {
            var probe = Probe(
                try office.request(try office.review(of: number)), flaw: flaw)
            book.put(probe)
            ids.append(probe.id)
            _ = probe.handle(.void(.halted), at: now)
            book.put(probe)
        }
        #expect(book.live.isEmpty && book.lastEnded.count == ProbeRegistry.mostEnded)
        #expect(book[ids[0]] == nil && book[ids[1]] != nil)
    }
}
