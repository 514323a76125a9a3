import InterlockApprovals
import InterlockModel
import Testing

@Suite struct PeopleDirectoryTests {
    @Test func `a passkey that the trust file has as revoked is revoked, whatever the store says`()
        throws
    {
        let (office, now) = (Office(), Office.start)
        let holder = try #require(try office.trust().people.first)
        func passkey(revoked: Timestamp?) throws -> EnrolledPasskey {
            EnrolledPasskey(
                id: try #require(PasskeyID(bytes: [1])), holder: holder.pseudonym,
                algorithm: .es256, publicKey: [2], relyingParty: "localhost", counter: 7,
                added: now, founding: true, revoked: revoked)
        }
        let trust = try office.trust()
        let ended = try AuthorizedKeys(
            org: trust.org, people: trust.people, nodes: trust.nodes,
            passkeys: [try passkey(revoked: now)])
        for (trust, kept, isRevoked) in [
            (ended, try passkey(revoked: nil), true), (trust, try passkey(revoked: now), true),
            (trust, try passkey(revoked: nil), false),
        ] {
            let book = PeopleDirectory(trust: trust, passkeys: [kept])
            #expect(book.passkeys[kept.id]?.isRevoked == isRevoked)
            #expect(book.trust.passkeys.map(\.isRevoked) == [isRevoked])
            #expect(book.passkeys[kept.id]?.counter == 7)
        }
    }

    @Test func `an invitation is valid until the moment that it expires`() throws {
        let office = Office()
        var directory = PeopleDirectory(trust: try office.trust())
        let person = try #require(directory.trust.people.first)
        let hash = office.hashing.sha256([7])
        let made = directory.inviteFounding(person, hash: hash, at: Office.start)
        #expect(made.expires == Office.start + Invitation.life)
        #expect(try directory.invitation(hash, at: made.expires + .microseconds(-1)) == made)
        for late in [made.expires, made.expires + .seconds(60)] {
            #expect(throws: PeopleRefusal.noSuchInvitation) {
                try directory.invitation(hash, at: late)
            }
        }
        #expect(throws: PeopleRefusal.noSuchInvitation) {
            try directory.invitation(office.hashing.sha256([8]), at: Office.start)
        }
    }
}
