import InterlockJSON
import InterlockModel
import Testing

@Suite struct AuthorizedKeysTests {
    private let org = Org()

    @Test func `a trust file comes back from its own JSON`() throws {
        let trust = try org.trust([
            org.li.trusted(expires: Org.start + .seconds(60)),
            org.sam.trusted(revoked: Org.start), org.kim.trusted(), org.ana.trusted(),
        ])
        #expect(try AuthorizedKeys(parsing: trust.json.serialized()) == trust)
    }

    @Test func `a key leads to the one person who holds it`() throws {
        let trust = try org.trust()
        #expect(trust.holder(of: org.sam.spare)?.person.person == org.sam.person)
        #expect(trust.holder(of: org.node) == nil)
        #expect(trust.person(org.kim.pseudonym)?.person == org.kim.person)
    }

    @Test func `two people must be able to resume, unless there is only one person`() throws {
        #expect(throws: FormError.self) {
            try org.trust([org.li.trusted(), org.ana.trusted()])
        }
        #expect(try org.trust([org.li.trusted()]).releaseQuorum == 1)
        #expect(try org.trust([org.li.trusted(), org.kim.trusted()]).releaseQuorum == 2)
    }

    @Test func `nobody and no key stands twice`() throws {
        #expect(throws: FormError.self) {
            try org.trust([org.li.trusted(), org.li.trusted(), org.sam.trusted()])
        }
        let thief = TrustedPerson(
            person: org.ana.person, pseudonym: org.ana.pseudonym, roles: [],
            keys: [EnrolledKey(key: org.li.key, added: Org.start, founding: true)])
        #expect(throws: FormError.self) {
            try org.trust([org.li.trusted(), org.sam.trusted(), thief])
        }
        #expect(throws: FormError.self) {
            try AuthorizedKeys(
                org: "acme", people: [org.li.trusted(), org.sam.trusted()],
                nodes: [TrustedNode(name: "gw1", key: org.li.key)])
        }
    }

    @Test(arguments: [
        ("\"v\":1", "\"v\":2"), ("\"type\":\"trust\"", "\"type\":\"halt\""),
        ("\"kill\"", "\"root\""), ("li@acme.example", "li"),
        ("\"founding\":true", "\"founding\":1"),
        ("\"nodes\"", "\"servers\""),
    ])
    func `a trust file with one thing changed is refused`(_ old: String, _ new: String) throws {
        let text = String(decoding: try org.trust().json.serialized(), as: UTF8.self)
        let changed = text.replacing(old, with: new)
        try #require(changed != text)
        #expect(throws: FormError.self) { try AuthorizedKeys(parsing: Array(changed.utf8)) }
    }
}
