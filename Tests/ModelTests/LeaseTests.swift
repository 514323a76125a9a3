import InterlockJSON
import InterlockModel
import Testing

/// The time for which an enforcement point without heartbeats may act (docs/specs/kill-switch.md, section 5).
@Suite struct `Leases` {
    private let digest = Digest(words: (1, 2, 3, 4))

    private func moment(_ seconds: Double, wallAhead: Double = 0) -> ClockReading {
        ClockReading(
            wall: Timestamp(
                microseconds: 1_795_000_000_000_000 + Int64((seconds + wallAhead) * 1e6)),
            boot: BootTime(microseconds: Int64(seconds * 1e6)))
    }

    private func beat(
        _ seq: Int64, at seconds: Double, term: Int64 = 7, org: String = "acme",
        node: String = "gw2", epoch: Int64 = 42, digest: Digest? = nil
    ) -> EpochHeartbeat {
        EpochHeartbeat(
            org: org, term: term, seq: seq, epoch: epoch, digest: digest ?? self.digest,
            node: node, at: moment(seconds).wall)
    }

    private func take(
        _ lease: inout Lease, _ beat: EpochHeartbeat, at now: ClockReading, isSigned: Bool = true
    ) -> Lease.Refusal? {
        do throws(Lease.Refusal) {
            try lease.take(
                beat, org: "acme", isSigned: isSigned, nodes: ["gw1", "gw2"],
                holds: { $0 == 42 ? digest : nil }, now: now)
            return nil
        } catch { return error }
    }

    @Test func `without a beat nothing is let through`() {
        let lease = Lease(.usual)
        #expect(!lease.holds(.consequential, at: moment(0).boot))
        #expect(!lease.holds(.lowTierRead, at: moment(0).boot))
    }

    @Test func `it ends the stated time after the beat was written, less a second`() {
        var lease = Lease(.usual)
        #expect(take(&lease, beat(1, at: 100), at: moment(101)) == nil)
        #expect(lease.holds(.consequential, at: moment(103.9).boot))
        #expect(!lease.holds(.consequential, at: moment(104).boot))
        #expect(lease.holds(.lowTierRead, at: moment(128.9).boot))
        #expect(!lease.holds(.lowTierRead, at: moment(129).boot))
        #expect(!lease.holds(.lowTierRead, at: moment(50).boot), "a boot clock that went back")
        #expect(lease.bound(of: .consequential) == .seconds(5))
    }

    @Test func `each fault of a beat has its own answer, and none moves the lease`() {
        var lease = Lease(.usual)
        #expect(take(&lease, beat(10, at: 100), at: moment(100)) == nil)
        let before = lease
        let now = moment(103)
        #expect(take(&lease, beat(11, at: 103), at: now, isSigned: false) == .signature)
        #expect(take(&lease, beat(11, at: 103, org: "other"), at: now) == .otherOrganisation)
        #expect(take(&lease, beat(11, at: 103, node: "gw9"), at: now) == .unknownNode)
        #expect(take(&lease, beat(11, at: 103, term: 6), at: now) == .oldTerm)
        #expect(take(&lease, beat(10, at: 103), at: now) == .replayed)
        #expect(take(&lease, beat(9, at: 103), at: now) == .replayed)
        #expect(take(&lease, beat(11, at: 97.9), at: now) == .late)
        #expect(take(&lease, beat(11, at: 104.1), at: now) == .future)
        #expect(take(&lease, beat(11, at: 103, epoch: 43), at: now) == .unknownEpoch(43))
        #expect(
            take(&lease, beat(11, at: 103, digest: Digest(words: (9, 9, 9, 9))), at: now)
                == .unknownEpoch(42))
        #expect(lease == before)
        #expect(take(&lease, beat(0, at: 103, term: 8), at: now) == nil, "a new issuer counts anew")
    }

    @Test func `a beat from a clock ahead gives no longer lease`() {
        var lease = Lease(.usual)
        #expect(take(&lease, beat(1, at: 100.9), at: moment(100)) == nil)
        #expect(!lease.holds(.consequential, at: moment(104).boot))
    }

    @Test func `a clock that steps makes it void until the next beat`() {
        for step in [-1.1, 1.1, 3600] {
            var lease = Lease(.usual)
            #expect(take(&lease, beat(1, at: 100), at: moment(100)) == nil)
            lease.look(at: moment(101, wallAhead: 0.9))
            #expect(lease.holds(.consequential, at: moment(101).boot))
            lease.look(at: moment(101, wallAhead: step))
            #expect(!lease.holds(.consequential, at: moment(101).boot), "\(step)")
            #expect(!lease.holds(.lowTierRead, at: moment(101).boot))
            #expect(take(&lease, beat(2, at: 102), at: moment(102)) == nil)
            #expect(lease.holds(.consequential, at: moment(102).boot))
        }
    }

    @Test func `terms have bounds`() {
        #expect(Lease.Terms(consequential: .seconds(4), reads: .seconds(120)) != nil)
        #expect(Lease.Terms(consequential: .seconds(3), reads: .seconds(30)) == nil)
        #expect(Lease.Terms(consequential: .seconds(61), reads: .seconds(30)) == nil)
        #expect(Lease.Terms(consequential: .seconds(5), reads: .seconds(4)) == nil)
        #expect(Lease.Terms(consequential: .seconds(5), reads: .seconds(121)) == nil)
    }

    @Test func `a beat reads as it was written, and no number outside its range`() throws {
        let beat = beat(88123, at: 5)
        #expect(try EpochHeartbeat(parsing: beat.canonical()) == beat)
        for (key, value) in [
            ("seq", JSONValue.integer(-1)), ("term", .string("7")), ("epoch", .null),
            ("extra", .bool(true)), ("type", .string("epoch")),
        ] {
            guard case .object(var object) = beat.json else { return }
            object[key] = value
            let bytes = try JSONValue.object(object).canonical()
            #expect(throws: FormError.self) { try EpochHeartbeat(parsing: bytes) }
        }
    }

    @Test func `epochs follow one another, or the node stops`() throws {
        let org = Org()
        func epoch(_ number: Int64, after previous: Digest?) throws -> (Epoch, Digest) {
            var object: JSONObject = [
                "v": 1, "type": "epoch", "org": "acme", "n": .integer(number), "active": [],
                "released": [], "orders": [], "node": "gw2",
                "at": .string(Org.start.rfc3339()),
            ]
            object["prev"] = previous.map { .string($0.prefixed) }
            let bytes = try JSONValue.object(object).canonical()
            return (try Epoch(parsing: bytes), ToyHashing().sha256(bytes.span))
        }
        _ = org
        let (first, one) = try epoch(1, after: digest)
        let (second, two) = try epoch(2, after: one)
        let (other, strange) = try epoch(2, after: digest)
        var chain = EpochChain(number: 0, digest: digest)
        #expect(chain.hear(second, digest: two) == .gap(missing: 1...1))
        #expect(chain.hear(first, digest: one) == .next)
        #expect(chain.hear(other, digest: strange) == .forked(2), "its `prev` is another's")
        #expect(chain.hear(second, digest: two) == .next)
        #expect(chain.hear(second, digest: two) == .known)
        #expect(chain.hear(other, digest: strange) == .forked(2), "two with one number")
        #expect(chain.newest == 2 && chain.digest(of: 1) == one)
        #expect(chain.compare(store: 1) == .storeRolledBack(to: 1))
        #expect(chain.compare(store: 2) == .known)
    }

    @Test func `a push carries orders as they were signed`() throws {
        let org = Org()
        let push = OrderBroadcast(
            org: "acme", node: "gw2", epoch: 3,
            orders: [try org.halt(1, .org), try org.halt(2, .org)])
        #expect(try OrderBroadcast(parsing: push.json.serialized()) == push)
        #expect(throws: FormError.self) { try OrderBroadcast(parsing: Array("{}".utf8)) }
        let ack =
            #"{"v":1,"type":"ack","halt":"01kag0r2b4d6f8h0k2m4p6r8t0","point":"gateway/gw2","ms":3,"cancelled":1,"unknown":0,"left":0}"#
        #expect(try Acknowledgement(parsing: Array(ack.utf8)).point == "gateway/gw2")
        for broken in [ack.replacing("\"left\":0", with: "\"left\":-1"), String(ack.dropLast())] {
            #expect(throws: FormError.self) { try Acknowledgement(parsing: Array(broken.utf8)) }
        }
    }
}
