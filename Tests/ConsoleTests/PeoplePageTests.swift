import InterlockConsoleWorld
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockSchemas
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup

/// The pages of people and service accounts: who sees whom, and what can be done.
struct PeoplePageTests {
    private static let hostile = "x'$(id)`<b>@acme.example"

    private struct Services: ServiceAccountAuthenticator {
        func service(of token: String) -> ServiceAccount? { nil }
        var services: [ServiceAccountStatus] {
            guard let name = ServiceAccountName("siem") else { return [] }
            return [
                ServiceAccountStatus(
                    token: ServiceAccountToken(
                        hash: Digest(words: (1, 2, 3, 4)), id: PeoplePageTests.order, name: name,
                        role: .kill, issuer: ConsoleOffice().voter(0).pseudonym,
                        made: ConsoleOffice.start, expires: ConsoleOffice.start + .seconds(60)),
                    issuer: nil, used: nil)
            ]
        }
    }

    private static let order = OrderID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10))

    /// Three people: with the role security and a passkey; new, with a hostile address; and gone.
    private func book() throws -> PeopleDirectory {
        let office = ConsoleOffice()
        let start = ConsoleOffice.start
        func key(_ byte: UInt8, added: Timestamp, founding: Bool, revoked: Timestamp? = nil) throws
            -> EnrolledKey
        {
            EnrolledKey(
                key: try #require(
                    PublicKey(base64: Base64.encode([UInt8](repeating: byte, count: 32)))),
                added: added, founding: founding, revoked: revoked)
        }
        let people = [
            TrustedPerson(
                person: office.people[0], pseudonym: office.voter(0).pseudonym,
                roles: [.security, .resume],
                keys: [try key(1, added: start - .seconds(90_000), founding: true)]),
            TrustedPerson(
                person: try #require(Person(Self.hostile)), pseudonym: office.voter(1).pseudonym,
                roles: [.resume, .breakGlass],
                keys: [try key(2, added: start - .seconds(3600), founding: false)]),
            TrustedPerson(
                person: office.people[2], pseudonym: office.voter(2).pseudonym, roles: [],
                keys: [
                    try key(
                        3, added: start - .seconds(90_000), founding: true,
                        revoked: start - .seconds(60))
                ]),
        ]
        let passkey = EnrolledPasskey(
            id: try #require(PasskeyID(bytes: [7])), holder: office.voter(0).pseudonym,
            algorithm: .es256, publicKey: [1], relyingParty: "localhost", counter: 0,
            added: start - .seconds(90_000), founding: true)
        let invitation = Invitation(
            hash: Digest(words: (9, 9, 9, 9)), person: try #require(Person("new@acme.example")),
            pseudonym: Pseudonym(text: "new"), roles: [.kill], expires: start + .seconds(60),
            order: nil, inviter: nil)
        return PeopleDirectory(
            trust: try AuthorizedKeys(org: "acme", people: people, nodes: []),
            passkeys: [passkey], invitations: [invitation])
    }

    private func browser(person: Int = 0) throws -> Browser {
        Browser(person: person, orders: PeopleOrdersStub(people: try book()), services: Services())
    }

    @Test func `security sees everyone, with roles, keys, state and last use`() async throws {
        let page = try await browser().get("/people")
        #expect(page.status == 200)
        for words in [
            "3 people", "1 passkey, 1 key", ">Active</span>", ">Limited</span>", ">Left</span>",
            "resume, break-glass", "No seat is delegated", "Waiting (1)", "Services",
            "2026-11-18", "interlock people invite EMAIL", "not configured here",
        ] { #expect(page.text.contains(words), "\(words)") }
        #expect(!page.text.contains("<b>"))
    }

    @Test func `others see themselves, and refusals elsewhere`() async throws {
        let browser = try browser(person: 2)
        let page = await browser.get("/people").text
        #expect(page.contains("1 person") && page.contains("You see yourself"))
        #expect(!page.contains("p1@acme.example") && !page.contains("Waiting ("))
        let office = ConsoleOffice()
        for route in [
            PeopleRoute.waiting, .services, .person(office.voter(0).pseudonym),
            .person(Pseudonym(text: Base64.encode([UInt8](repeating: 99, count: 16)))),
        ] {
            let answer = await browser.get(route.link.text)
            #expect(answer.status == 404 && answer.text.contains("or no access"), "\(route)")
        }
        let own = await browser.get(PeopleRoute.person(office.voter(2).pseudonym).link.text)
        #expect(own.status == 200 && own.text.contains("people revoke p3@acme.example"))
        #expect(!own.text.contains("--add ROLE"))
    }

    @Test func `a command quotes an address for the shell`() async throws {
        let route = PeopleRoute.person(ConsoleOffice().voter(1).pseudonym)
        let page = try await browser().get(route.link.text)
        #expect(page.status == 200 && !page.text.contains("<b>"))
        let command = TypedCommand("Revoke", "interlock", Self.hostile, "", "a b", "--add")
        #expect(
            command.text == #"interlock 'x'\''$(id)`<b>@acme.example' '' 'a b' --add"#)
        #expect(page.text.contains("x&#39;\\&#39;&#39;$(id)`&lt;b&gt;@acme.example"))
        #expect(page.text.contains("no vote at tier high before"))
    }

    @Test func `what waits and the services are for security`() async throws {
        let waiting = try await browser().get("/people/waiting").text
        #expect(waiting.contains("new@acme.example") && waiting.contains("1 invitation"))
        #expect(waiting.contains("Nothing waits for a second signature"))
        let services = try await browser().get("/people/services").text
        #expect(services.contains("not since the start"))
        #expect(services.contains("interlock tokens revoke siem --as p1@acme.example"))
    }

    @Test func `the API says the same`() async throws {
        let json = try #require(try await browser().call("/people").json)
        for person in json["people"]?.array ?? [] { try PersonView.form.shape.check(person) }
        #expect(
            json["people"]?.array?.map { $0["state"]?.string } == ["active", "left", "limited"])
        #expect(json["invitations"]?.array?.first?["person"]?.string == "new@acme.example")
        let passkey = json["people"]?.array?.first?["credentials"]?.array?.last
        #expect(passkey?["used"]?.string != nil)
        let own = try #require(try await browser(person: 2).call("/people").json)
        #expect(own["people"]?.array?.count == 1 && own["invitations"] == nil)
    }

    @Test func `the header of a column sorts the people, on the page and in the API`()
        async throws
    {
        let browser = try browser()
        func people(_ query: String) async -> [String?]? {
            await browser.call("/people\(query)").json?["people"]?.array?.map {
                $0["person"]?.string
            }
        }
        let (first, third, hostile) = ("p1@acme.example", "p3@acme.example", Self.hostile)
        #expect(await people("") == [first, third, hostile])
        #expect(await people("?sort=-person") == [hostile, third, first])
        // A person without a role is last in both directions.
        #expect(await people("?sort=roles") == [hostile, first, third])
        #expect(await people("?sort=-roles") == [first, hostile, third])
        #expect(await people("?sort=-state") == [third, hostile, first])
        let plain = await browser.get("/people").text
        #expect(
            plain.contains("aria-sort=\"ascending\"><a href=\"/people?sort=-person\">Person</a>"))
        let sorted = await browser.get("/people?sort=-roles").text
        #expect(sorted.ranges(of: "aria-sort").count == 1)
        #expect(
            sorted.contains("aria-sort=\"descending\"><a href=\"/people?sort=roles\">Roles</a>"))
        #expect(sorted.contains("3 people, by roles, descending"))
        for query in ["sort=x", "sort=--roles", "sort=Roles", "sort=roles&sort=state"] {
            #expect(await browser.get("/people?\(query)").status == 400, "\(query)")
            #expect(await browser.call("/people?\(query)").problem == "malformed", "\(query)")
        }
    }

    @Test func `without people there is no page of them`() async {
        #expect(await Browser().get("/people").status == 404)
        #expect(await !Browser().get("/approvals").text.contains("href=\"/people\""))
    }
}
