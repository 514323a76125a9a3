package import InterlockAdministration
package import InterlockApprovals
import InterlockJSON
package import InterlockModel

/// An enrolled person, with their keys and passkeys.
package struct PersonView: Sendable, ResponseRecord {
    package let person: TrustedPerson
    package let passkeys: [EnrolledPasskey]
    package let state: PersonState
    /// The live sessions, which tell when a passkey was last used.
    package let sessions: [LiveSession]
    package let now: Timestamp

    package init(
        person: TrustedPerson, passkeys: [EnrolledPasskey], state: PersonState,
        sessions: [LiveSession], now: Timestamp
    ) {
        self.person = person
        self.passkeys = passkeys
        self.state = state
        self.sessions = sessions
        self.now = now
    }

    package static let form = ResponseSchema<PersonView>(
        "Person",
        .init("person", .text(.plain(1...254)), "E-mail address.") { $0.person.person.address },
        .init("pseudonym", .text(.base64(16)), "As records name the person.") {
            $0.person.pseudonym.text
        },
        .init(
            "roles", .list(.choice(of: Role.self), count: 0...Role.allCases.count), "Beside voting."
        ) { seen in Role.allCases.filter(seen.person.roles.contains).map(\.rawValue) },
        .init(
            "state", .choice(of: PersonState.self),
            "`limited`: no vote at tier high yet; `left`: every credential was revoked."
        ) { $0.state.rawValue },
        .init("credentials", .list(of: CredentialView.self, 0...10_000), "Revoked ones too.") {
            $0.credentials
        })

    package var credentials: [CredentialView] {
        person.keys.map {
            CredentialView(
                kind: "ed25519", id: $0.key.base64, added: $0.added, founding: $0.founding,
                expires: $0.expires, revoked: $0.revoked, used: nil, now: now)
        }
            + passkeys.map { passkey in
                CredentialView(
                    kind: "passkey", id: passkey.id.text, added: passkey.added,
                    founding: passkey.founding, expires: passkey.expires, revoked: passkey.revoked,
                    used: sessions.filter { $0.credential == passkey.id }.map(\.seen).max(),
                    now: now)
            }
    }
}

package struct CredentialView: Sendable, ResponseRecord {
    package let kind: String
    package let id: String
    package let added: Timestamp
    package let founding: Bool
    package let expires: Timestamp?
    package let revoked: Timestamp?
    /// The last use of a live session that began with it, if there is one.
    package let used: Timestamp?
    package let now: Timestamp

    package init(
        kind: String, id: String, added: Timestamp, founding: Bool, expires: Timestamp?,
        revoked: Timestamp?, used: Timestamp?, now: Timestamp
    ) {
        self.kind = kind
        self.id = id
        self.added = added
        self.founding = founding
        self.expires = expires
        self.revoked = revoked
        self.used = used
        self.now = now
    }

    package var state: CredentialState {
        CredentialState(
            added: added, founding: founding, expires: expires, revoked: revoked, at: now)
    }

    /// The time from which it votes at tier high, if it does not yet.
    private var limited: Timestamp? {
        if case .limited(let end) = state { end } else { nil }
    }

    package static let form = ResponseSchema<CredentialView>(
        "Credential",
        .init("kind", .choice(["ed25519", "passkey"]), "What it is.") { $0.kind },
        .init("id", .text(.plain(1...1400)), "The public key, or the passkey's id.") { $0.id },
        .init("added", .text(.time), "Since when it counts.") { $0.added },
        .init("founding", .truth, "Of the people named at the start.") { $0.founding },
        .maybe("expires", .text(.time), "Until when it counts.") { $0.expires },
        .maybe("revoked", .text(.time), "Since when it counts no more.") { $0.revoked },
        .maybe("limited_until", .text(.time), "Until when it does not vote at tier high.") {
            $0.limited
        },
        .maybe("used", .text(.time), "The last use of a live session that began with it.") {
            $0.used
        })
}

/// An order that one person has signed and a second person must confirm; the confirmation contains the order's id and
/// the digest of `shown`.
package struct PendingSecondSignature: Sendable, ResponseRecord {
    package let one: PeopleDirectory.Unconfirmed
    /// The first signer, or nil if that person is no longer enrolled or the signature is a founding one.
    package let by: Person?

    package init(one: PeopleDirectory.Unconfirmed, by: Person?) {
        self.one = one
        self.by = by
    }

    package static let form = ResponseSchema<PendingSecondSignature>(
        "Waiting",
        .init("waits", .text(.plain(1...32)), "`enrolment` or `roles`.") {
            $0.one.shown["type"] ?? .null
        },
        .init("id", .text(.id), "Which a confirmation names as `of`.") { $0.one.id.text },
        .init("shown", .object, "Whose canonical bytes a confirmation has the digest of.") {
            $0.one.shown
        },
        .init("expires", .text(.time), "When it ends without an answer.") { $0.one.expires },
        .maybe("by", .text(.plain(1...254)), "Who signed first.") { $0.by?.address })
}
