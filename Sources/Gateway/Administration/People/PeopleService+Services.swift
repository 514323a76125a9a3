package import InterlockApprovals
package import InterlockEvidence
import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

extension PeopleService {
    package struct IssuedService: Sendable {
        package let service: ServiceAccountToken
        /// The token is shown once; the service stores only its hash.
        package let token: String
    }

    /// Issues a token. On return, its record is durable in the log, then its hash in the store. If the process dies
    /// between the two, the log names a token that was never handed out.
    package func issueToken(_ envelope: Envelope) async throws(PeopleRefusal) -> IssuedService {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        var book = self.book
        let accepted = try await acceptOfThisProcess(envelope, in: &book, at: now)
        let token = ServiceAccountToken.text(ports.entropy.bytes(ServiceAccountToken.tokenBytes))
        let service = try book.issue(
            accepted, hash: ServiceAccountToken.hash(of: token, ports.hashing), at: now)
        try await record(
            ports.records.record(
                .serviceIssued, run: nil,
                fields: [
                    "by": .string(service.issuer.text), "svc": .string(service.name.text),
                    "id": .string(service.id.text), "role": .string(service.role.rawValue),
                    "exp": .integer(service.expires.microseconds),
                ], sealing: [("proof", accepted.evidence)]))
        try await keep(book)
        return IssuedService(service: service, token: token)
    }

    /// Ends a service account's token, which stops counting at once even if the disk fails.
    ///
    /// - Throws: `notKept` if the store failed; a restart must then restore the end from the log.
    package func endToken(_ envelope: Envelope) async throws(PeopleRefusal) -> ServiceAccountToken {
        await gate.enter()
        defer { gate.leave() }
        let now = ports.clock.wall
        let before = self.book
        var book = before
        let accepted = try await accept(envelope, in: &book, at: now, isUrgent: true)
        let service = try book.endToken(accepted, at: now)
        show(book)
        ports.ledger.note(
            ports.records.record(
                .serviceEnded, run: nil,
                fields: [
                    "by": .string(accepted.signer.text), "svc": .string(service.name.text),
                    "id": .string(service.id.text),
                ], sealing: [("proof", accepted.evidence)]))
        try await store(
            book, since: before,
            appending: [
                ControlDraft(
                    .tokenEnd, service.id.text,
                    ["service": .string(service.name.text), "order": envelope.json])
            ])
        return service
    }
}

extension PeopleService: ServiceAccountAuthenticator {
    package func service(of token: String) -> ServiceAccount? {
        guard ServiceAccountToken.isFit(token) else { return nil }
        let now = ports.clock.wall
        let hash = ServiceAccountToken.hash(of: token, ports.hashing)
        guard let found = state.withLock({ $0.service(hash, at: now) }) else { return nil }
        uses.withLock { $0[found.id] = now }
        return ServiceAccount(id: found.id, name: found.name, role: found.role)
    }

    package var services: [ServiceAccountStatus] {
        let book = book
        let uses = uses.withLock { $0 }
        return book.services(at: ports.clock.wall).map {
            ServiceAccountStatus(
                token: $0, issuer: book.trust.person($0.issuer)?.person, used: uses[$0.id])
        }
    }
}
