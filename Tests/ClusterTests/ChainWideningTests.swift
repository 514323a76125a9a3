import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Entries that widen: each needs the statements of people that its kind asks for, and each statement counts once.
@Suite struct ChainWideningTests {
    private static let start = ClusterOrganisation.start
    private let server = ServerName("crm").unwrapped
    private let agent = AgentName("refunds").unwrapped
    private let first = WeakHashing().sha256([1])
    private let second = WeakHashing().sha256([2])

    private func apply(
        _ row: StoredEntry, to state: inout ChainState, _ chain: ClusterChain
    ) throws(EntryRejection) -> EntryEffect {
        let entry = try ChainEntry(row, after: state.head, hashing: WeakHashing())
        return try state.apply(entry, verifier: chain.organisation.verifier)
    }

    private func widening(_ kind: WideningKind, _ envelopes: [Envelope]) -> EntryContent {
        .widening(kind, PeopleStatements(envelopes).unwrapped)
    }

    private func fault(
        _ row: StoredEntry, _ chain: ClusterChain
    ) throws -> EntryFault? {
        var state = try chain.follower().state
        do throws(EntryRejection) {
            _ = try apply(row, to: &state, chain)
            return nil
        } catch {
            guard case .fault(let fault) = error else { return nil }
            return fault
        }
    }

    @Test func `a release of two people ends the halts that they saw`() throws {
        var chain = try ClusterChain()
        let organisation = chain.organisation
        try chain.append(.halt(try organisation.halt(1)))
        try chain.append(
            .release, [try organisation.release(5, of: [1], after: 1)],
            subject: ClusterOrganisation.orderID(5).text)
        let state = try chain.follower().state
        #expect(state.halts.active.isEmpty && state.halts.epoch == 2)
        // The halt comes again: it was released, so it stays so.
        let row = try chain.row(.narrowing(.halt(try organisation.halt(1))))
        var again = state
        let effect = try apply(row, to: &again, chain)
        #expect(effect == .unchanged && again.halts.active.isEmpty)
    }

    @Test func `a release by one person, or one that a halt overtook, ends nothing`() throws {
        var chain = try ClusterChain()
        let organisation = chain.organisation
        try chain.append(.halt(try organisation.halt(1)))
        try chain.append(.halt(try organisation.halt(2)))
        let releases = [
            try organisation.release(5, of: [1], after: 2, by: [organisation.li]),
            try organisation.release(6, of: [1], after: 1),
            try organisation.release(7, of: [1], after: 9),
            try organisation.release(8, of: [9], after: 2),
            try organisation.release(
                9, of: [1, 2], after: 2, by: [organisation.li, organisation.ana]),
        ]
        for (index, release) in releases.enumerated() {
            var state = try chain.follower().state
            let row = try chain.row(
                widening(.release, [release]),
                subject: ClusterOrganisation.orderID(Int64(5 + index)).text)
            let effect = try apply(row, to: &state, chain)
            guard case .void(.unauthorized) = effect else {
                Issue.record("release \(index): \(effect)")
                continue
            }
            #expect(state.halts.active.count == 2)
        }
    }

    @Test func `a release under another subject, by a forged signature or doubled is a fault`()
        throws
    {
        var chain = try ClusterChain()
        let organisation = chain.organisation
        try chain.append(.halt(try organisation.halt(1)))
        let release = try organisation.release(5, of: [1], after: 1)
        let subject = ClusterOrganisation.orderID(5).text
        #expect(
            try fault(try chain.row(widening(.release, [release]), subject: "other"), chain)
                == .otherColumn(2, "subject"))
        let forged = Envelope(
            payloadType: .release, payload: release.payload,
            signatures: [
                release.signatures[0],
                .key(organisation.sam.keys[0].key, [UInt8](repeating: 0, count: 64)),
            ])
        let other = try organisation.release(6, of: [1], after: 1)
        for envelopes in [[forged], [release, other], [try organisation.halt(3)]] {
            let row = try chain.row(widening(.release, envelopes), subject: subject)
            guard case .badStatement(2, _)? = try fault(row, chain) else {
                Issue.record("\(envelopes.count) envelopes")
                continue
            }
        }
    }

    @Test func `two people admit a node that proves its key, and it signs entries then`() throws {
        var chain = try ClusterChain()
        try chain.append(
            .member, try chain.organisation.admission(1, of: 2),
            subject: "gw2")
        try chain.append(.end(ClusterOrganisation.request(1)), node: 2)
        let follower = try chain.follower()
        #expect(follower.head.number == 2)
        #expect(follower.state.admitted == [1, 2].map(ClusterOrganisation.name))
    }

    @Test func `a node is not admitted by one person, late, twice, or without its proof`() throws {
        var chain = try ClusterChain()
        let organisation = chain.organisation
        try chain.append(.member, try organisation.admission(1, of: 2), subject: "gw2")
        let cases: [(Int, [Envelope], EntryEffect?)] = [
            (3, try organisation.admission(2, of: 3, by: [organisation.li]), nil),
            (
                3, try organisation.admission(3, of: 3, by: [organisation.li, organisation.ana]),
                nil
            ),
            (3, try organisation.admission(4, of: 3, until: Self.start), .void(.late)),
            (
                3, try organisation.admission(5, of: 3, until: Self.start + .seconds(40 * 86_400)),
                .void(.late)
            ),
            (2, try organisation.admission(6, of: 2), .void(.superseded)),
        ]
        for (node, envelopes, expected) in cases {
            var state = try chain.follower().state
            let row = try chain.row(widening(.member, envelopes), subject: "gw\(node)")
            let effect = try apply(row, to: &state, chain)
            if let expected {
                #expect(effect == expected)
            } else if case .void(.unauthorized) = effect {
            } else {
                Issue.record("\(effect)")
            }
            #expect(state.admitted.count == 2)
        }
        let good = try organisation.admission(7, of: 3)
        let proof = organisation.sign(
            .member, good[0].payload, [ClusterOrganisation.keys(4).log])
        for envelopes in [[good[0]], [good[0], good[0]], [good[0], proof]] {
            let row = try chain.row(widening(.member, envelopes), subject: "gw3")
            guard case .badStatement(2, _)? = try fault(row, chain) else {
                Issue.record("\(envelopes.count) envelopes")
                continue
            }
        }
    }

    @Test func `a retired node stays out, its entries change nothing, and the last stays`() throws {
        var chain = try ClusterChain()
        let organisation = chain.organisation
        try chain.append(.member, try organisation.admission(1, of: 2), subject: "gw2")
        try chain.append(.member, try organisation.retirement(2, of: 2), subject: "gw2")
        var state = try chain.follower().state
        #expect(state.admitted == [ClusterOrganisation.name(1)])
        #expect(!state.mayServe(ClusterOrganisation.name(2), .first))
        let late = try chain.row(.narrowing(.end(ClusterOrganisation.request(1))), node: 2)
        let effect = try apply(late, to: &state, chain)
        #expect(
            effect == .void(.retired) && !state.requests.isEnded(ClusterOrganisation.request(1)))
        for (number, node) in [(3, 1), (4, 2)] {
            var state = try chain.follower().state
            let row = try chain.row(
                widening(.member, try organisation.retirement(Int64(number), of: node)),
                subject: "gw\(node)")
            let effect = try apply(row, to: &state, chain)
            #expect(effect == .void(.superseded))
        }
    }

    @Test func `each change that people order takes effect under its own subject alone`() throws {
        let elevation = ElevationID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        let stage = TrustStageAssignment.highest
        let late = Self.start + .seconds(3600)
        let run = ClusterOrganisation.run(1)
        let base = ClusterOrganisation()
        let more = try base.people([base.li, base.sam])
        let organisation = ClusterOrganisation([
            (1, .people(more, base.ana.pseudonym)), (2, .elevation(elevation, until: late)),
            (3, .revision(first, after: nil)), (4, .quarantineEnd(server, signed: late)),
            (5, .pauseEnd(run, signed: late)), (6, .promotion(agent, to: stage, signed: late)),
        ])
        var chain = try ClusterChain(organisation)
        try chain.append(.quarantine(server))
        try chain.append(.pause(run))
        try chain.append(.demotion(agent, to: .lowest))
        let kinds: [WideningKind] = [
            .person, .elevation, .revision, .quarantineEnd, .pauseEnd, .promotion,
        ]
        let subjects = [
            base.ana.pseudonym.text, elevation.text, "policy", server.text, run.text, agent.text,
        ]
        for (index, kind) in kinds.enumerated() {
            let content = widening(kind, [organisation.statement(index + 1)])
            let wrong = try chain.row(content, subject: "other")
            #expect(try fault(wrong, chain) == .otherColumn(chain.next, "subject"), "\(kind)")
            // A statement of one kind under another kind is a fault.
            let other = kinds[(index + 1) % kinds.count]
            let mixed = try chain.row(
                widening(other, [organisation.statement(index + 1)]), subject: subjects[index])
            guard case .badStatement? = try fault(mixed, chain) else {
                Issue.record("\(kind) under \(other)")
                continue
            }
            try chain.append(content, subject: subjects[index])
        }
        let state = try chain.follower().state
        #expect(state.people == more && state.elevations == [elevation: late])
        #expect(state.revision == first && state.quarantines.isEmpty && state.pauses.isEmpty)
        #expect(state.demotions.isEmpty)
    }

    @Test func `a statement counts once, however often its row comes again`() throws {
        let late = Self.start + .seconds(3600)
        let organisation = ClusterOrganisation([(1, .quarantineEnd(server, signed: late))])
        var chain = try ClusterChain(organisation)
        for _ in 0..<2 {
            try chain.append(.quarantine(server))
            try chain.append(.quarantineEnd, [organisation.statement(1)], subject: server.text)
        }
        #expect(try chain.follower().state.quarantines[server] != nil)
    }

    @Test func `an end that was signed before what it ends changes nothing`() throws {
        let run = ClusterOrganisation.run(1)
        let early = Self.start - .seconds(1)
        let organisation = ClusterOrganisation([
            (1, .quarantineEnd(server, signed: early)), (2, .pauseEnd(run, signed: early)),
            (3, .promotion(agent, to: .highest, signed: early)),
        ])
        var chain = try ClusterChain(organisation)
        try chain.append(.quarantine(server))
        try chain.append(.pause(run))
        try chain.append(.demotion(agent, to: .lowest))
        try chain.append(.quarantineEnd, [organisation.statement(1)], subject: server.text)
        try chain.append(.pauseEnd, [organisation.statement(2)], subject: run.text)
        try chain.append(.promotion, [organisation.statement(3)], subject: agent.text)
        let follower = try chain.follower()
        #expect(follower.head.number == 6)
        #expect(follower.state.quarantines.count == 1 && follower.state.pauses.count == 1)
        #expect(follower.state.demotions.count == 1)
    }

    @Test func `a revision follows the one in force, so of two proposals the first holds`() throws {
        let organisation = ClusterOrganisation([
            (1, .revision(first, after: nil)), (2, .revision(second, after: nil)),
        ])
        var chain = try ClusterChain(organisation)
        try chain.append(.revision, [organisation.statement(1)], subject: "policy")
        try chain.append(.revision, [organisation.statement(2)], subject: "policy")
        #expect(try chain.follower().state.revision == first)
    }

    @Test func `an elevation that ended does not begin, and one whose time has passed neither`()
        throws
    {
        let ended = ElevationID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        let past = ElevationID(milliseconds: 2, random: [UInt8](repeating: 2, count: 10))
        let organisation = ClusterOrganisation([
            (1, .elevation(ended, until: Self.start + .seconds(3600))),
            (2, .elevation(past, until: Self.start)),
        ])
        var chain = try ClusterChain(organisation)
        try chain.append(.elevationEnd(ended))
        try chain.append(.elevation, [organisation.statement(1)], subject: ended.text)
        try chain.append(.elevation, [organisation.statement(2)], subject: past.text)
        let follower = try chain.follower()
        #expect(follower.head.number == 3 && follower.state.elevations.isEmpty)
    }

    @Test func `statements of people who may not order it are void, and unknown ones a fault`()
        throws
    {
        var organisation = ClusterOrganisation()
        let name = WeakHashing().sha256(ClusterOrganisation.payload(1))
        organisation.verifier.refusals[name] = .unauthorized("not a reviewer")
        let chain = try ClusterChain(organisation)
        var state = try chain.first()
        let row = try chain.row(
            widening(.revision, [organisation.statement(1)]), subject: "policy")
        let effect = try apply(row, to: &state, chain)
        #expect(effect == .void(.unauthorized("not a reviewer")))
        let unknown = try chain.row(
            widening(.revision, [organisation.statement(2)]), subject: "policy")
        #expect(try fault(unknown, chain) == .badStatement(1, "unknown statement"))
    }

    @Test func `people of another organisation are a fault`() throws {
        let base = ClusterOrganisation()
        let other = try AuthorizedKeys(org: "other", people: [base.li, base.sam], nodes: [])
        let organisation = ClusterOrganisation([(1, .people(other, base.li.pseudonym))])
        let chain = try ClusterChain(organisation)
        let row = try chain.row(
            widening(.person, [organisation.statement(1)]), subject: base.li.pseudonym.text)
        guard case .badStatement(1, _)? = try fault(row, chain) else {
            Issue.record("taken")
            return
        }
    }
}
