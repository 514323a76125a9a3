import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockReview

/// The entries of the control log about reviews. All of them count, in their order.
struct ReviewEntries {
    private(set) var scopes: [ReviewScope: ScopeReviews] = [:]
    private(set) var open: [ReviewID: OpenReview] = [:]
    /// The numbers of the entries that were not taken: they are not signed by people, or do not follow from those before.
    private(set) var ignored: [Int64] = []
    /// The latest time that any entry states.
    private(set) var latest = Timestamp(microseconds: 0)
    private let passkeys: EnrolledPasskeyVerifier?

    /// - Parameters:
    ///   - keys: nil while the authorized keys cannot be read; documents count then if their form is right.
    ///   - passkeys: nil if no passkey can sign here; a document that one signed is not taken then.
    /// - Throws: also if an entry that no person signs is not as this program writes it.
    init(
        _ log: any ControlLog, _ keys: AuthorizedKeys?, hashing: any Hashing,
        verifier: any SignatureVerifier, passkeys: EnrolledPasskeyVerifier? = nil
    ) async throws(ControlLogFailure) {
        self.passkeys = passkeys
        _ = try await ControlLogVerification.verify(log, hashing: hashing) {
            entry throws(ControlLogFailure) in try self.read(entry, keys, verifier)
        }
    }

    private mutating func read(
        _ entry: ControlEntry, _ keys: AuthorizedKeys?, _ verifier: any SignatureVerifier
    ) throws(ControlLogFailure) {
        latest = max(latest, entry.at)
        switch entry.kind {
        case .reviewSchedule, .reviewStart, .reviewMark:
            do throws(FormError) { try take(entry) } catch {
                throw .unreadableReview(entry.number, error)
            }
        case .reviewSignOff, .reviewPostponement:
            if !take(entry, keys, verifier) { ignored.append(entry.number) }
        default: break
        }
    }

    private mutating func take(_ entry: ControlEntry) throws(FormError) {
        switch entry.kind {
        case .reviewSchedule:
            let fields = try StrictFields(.object(entry.body), required: ["began"])
            guard let scope = ReviewScope(entry.subject) else {
                throw FormError.badMember("subject", "`org` or `agent:NAME`")
            }
            let began = Timestamp(microseconds: try fields.integer("began", in: 0...Int64.max))
            if scopes[scope] == nil { scopes[scope] = ScopeReviews(began: began) }
        case .reviewStart:
            let review = try OpenReview(try Self.id(entry), entry.body)
            open = open.filter { $0.value.scope != review.scope }
            open[review.id] = review
        default:
            let mark = try MarkedRecord(entry.body)
            open[try Self.id(entry)]?.marks[mark.leaf] = mark
        }
    }

    private static func id(_ entry: ControlEntry) throws(FormError) -> ReviewID {
        guard let id = ReviewID(entry.subject) else {
            throw FormError.badMember("subject", "the id of a review")
        }
        return id
    }

    /// - Returns: false if the document is not as people signed it, is about another scope, or does not follow.
    private mutating func take(
        _ entry: ControlEntry, _ keys: AuthorizedKeys?, _ verifier: any SignatureVerifier
    ) -> Bool {
        guard let scope = ReviewScope(entry.subject),
            let envelope = try? Envelope(json: entry.body["signed"] ?? .null)
        else { return false }
        var reviews = scopes[scope] ?? ScopeReviews(began: entry.at)
        do {
            if entry.kind == .reviewSignOff {
                guard let leaf = entry.body["leaf"]?.string.flatMap({ Digest(base64: $0) }) else {
                    return false
                }
                let signed = try SignedReview(
                    envelope, verifiedBy: verifier, passkeys: passkeys)
                guard signed.signOff.scope == scope, keys.map(signed.isGenuine) ?? true else {
                    return false
                }
                try reviews.add(ScopeReviews.Signed(signOff: signed.signOff, leaf: leaf))
                open[signed.signOff.review] = nil
            } else {
                let signed = try SignedPostponement(envelope, verifiedBy: verifier)
                guard signed.order.scope == scope, keys.map(signed.isGenuine) ?? true else {
                    return false
                }
                try reviews.add(signed.order.postponement)
            }
        } catch { return false }
        scopes[scope] = reviews
        return true
    }
}

extension PostponementOrder {
    var postponement: ReviewPostponement { ReviewPostponement(due: due, until: until) }
}
