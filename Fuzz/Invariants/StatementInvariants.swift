import InterlockApprovals
import InterlockClusterOrders
import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

extension Invariants {
    /// An envelope round-trips, its signatures are bounded and by distinct credentials, and another payload type
    /// changes the signed message.
    package static func envelope(_ bytes: [UInt8]) {
        guard let envelope = try? Envelope(parsing: bytes) else { return }
        precondition(
            (try? Envelope(parsing: envelope.bytes)) == envelope, "an envelope is read back")
        precondition(
            (1...Envelope.mostSignatures).contains(envelope.signatures.count), "bounded signatures")
        precondition(
            Set(envelope.signatures.map(\.credential)).count == envelope.signatures.count,
            "signatures are by distinct credentials")
        precondition(envelope.payload.count <= Envelope.largestPayload, "bounded payload")
        for type in PayloadType.allCases where type != envelope.payloadType {
            let other = Envelope(
                payloadType: type, payload: envelope.payload, signatures: envelope.signatures)
            precondition(other.message != envelope.message, "another type is another message")
        }
        _ = envelope.isSigned(by: OpenSSLVerifier())
    }

    /// A vote and a batch of votes have one spelling, so people sign the exact bytes that were read; evidence of a vote
    /// round-trips.
    package static func vote(_ bytes: [UInt8]) {
        if let evidence = try? VoteEvidence(parsing: bytes) {
            precondition(
                (try? VoteEvidence(parsing: evidence.bytes)) == evidence, "evidence is read back")
        }
        let envelope = Envelope(payloadType: .batch, payload: bytes, signatures: [])
        if let batch = try? BatchVote(envelope) {
            precondition((try? batch.canonical()) == bytes, "a batch has one spelling")
            for vote in batch.votes {
                let found = try? BatchedVote(envelope, of: vote.request).statement
                precondition(found == (try? vote.canonical()), "a vote of a batch is found")
            }
        }
        guard let vote = try? Vote(parsing: bytes) else { return }
        precondition((try? vote.canonical()) == bytes, "a vote has one spelling")
        precondition(bytes.count <= Vote.largest, "a vote is bounded")
        precondition(vote.nonce.count == Vote.nonceCount, "a nonce is whole")
    }

    /// Halts, releases, epochs, elevations and enrolments have one spelling each, and no bytes are two of them.
    package static func order(_ bytes: [UInt8]) {
        let halt = order(HaltOrder.self, bytes)
        let release = order(ReleaseOrder.self, bytes)
        let epoch = try? Epoch(parsing: bytes)
        if let halt {
            let target = HaltTarget(scope: halt.target.scope, target: halt.target.target)
            precondition(target == halt.target, "a target is read back")
        }
        if let release {
            precondition(Set(release.halts).count == release.halts.count, "halts are distinct")
        }
        if let epoch {
            precondition((try? epoch.canonical()) == bytes, "an epoch has one spelling")
        }
        let elevation = order(ElevationOrder.self, bytes)
        if let elevation {
            precondition(
                elevation.from < elevation.until, "an elevation has an end after its start")
        }
        let people = order(PeopleOrder.self, bytes)
        let glass = order(BreakGlassOrder.self, bytes)
        let run = order(RunOrder.self, bytes)
        let changes = order(WorkspaceApproval.self, bytes)
        let drill = try? DrillReport(parsing: bytes)
        if let drill {
            precondition((try? drill.canonical()) == bytes, "a drill has one spelling")
            precondition(drill.passed == drill.failures.isEmpty, "its facts say whether it passed")
        }
        let enrolment = try? EnrolmentStatement(parsing: bytes)
        if let enrolment {
            precondition((try? enrolment.canonical()) == bytes, "an enrolment has one spelling")
            precondition(bytes.count <= EnrolmentStatement.largest, "it is bounded")
        }
        let kinds = [
            halt != nil, release != nil, epoch != nil, elevation != nil, people != nil,
            glass != nil, run != nil, changes != nil, drill != nil, enrolment != nil,
        ]
        .count { $0 }
        precondition(kinds <= 1, "no bytes are two statements")
    }

    /// An order of this kind, if these bytes are one.
    private static func order<Order: SignedOrder>(_ kind: Order.Type, _ bytes: [UInt8]) -> Order? {
        guard let order = try? Order(parsing: bytes) else { return nil }
        precondition((try? order.canonical()) == bytes, "an order has one spelling")
        precondition(bytes.count <= Order.largest, "it is bounded")
        precondition(
            order.json["reason"]?.string.map(isFitReason) == true, "its reason can be shown")
        return order
    }

    /// Statements that read alike name the same people with the right to vote and stop, and no key is two people's.
    package static func trust(_ bytes: [UInt8]) {
        guard let trust = try? AuthorizedKeys(parsing: bytes) else { return }
        precondition(
            (try? AuthorizedKeys(parsing: trust.json.serialized())) == trust,
            "a trust file is read back"
        )
        for person in trust.people {
            for key in person.keys {
                precondition(trust.holder(of: key.key)?.person == person, "a key is one person's")
            }
            precondition(trust.person(person.pseudonym) == person, "a pseudonym is one person's")
        }
        precondition(
            trust.people.count == 1
                || trust.people.count { $0.roles.contains(.resume) } >= trust.releaseQuorum,
            "somebody can release")
    }

    /// A sign-off round-trips, and its signatures never change the signed statement.
    package static func signOff(_ bytes: [UInt8]) {
        guard let signOff = try? SignOff(parsing: bytes) else { return }
        guard let written = try? signOff.bytes(), let statement = try? signOff.statement() else {
            preconditionFailure("what was read can be written")
        }
        precondition((try? SignOff(parsing: written)) == signOff, "a sign-off is read back")
        precondition(
            Set(signOff.signatures.map(\.credential)).count == signOff.signatures.count,
            "signatures are by distinct keys and passkeys")
        let bare = SignOff(
            identity: signOff.identity, author: signOff.author, after: signOff.after)
        precondition((try? bare.statement()) == statement, "signatures are not signed")
        precondition((try? SignOff(statement: statement)) == bare, "a statement is read back")
    }
}
