import InterlockConsoleWorld
import InterlockCredentials
import InterlockGovernor
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockConsole
@testable import InterlockMarkup

/// Orders about people by passkey: the forms, and the drafts that they ask for.
struct PeopleOrderFormTests {
    private let office = ConsoleOffice()
    private let directory: PeopleOrdersStub

    init() throws { directory = PeopleOrdersStub(people: try Self.book(ConsoleOffice())) }

    private static let waits = OrderID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10))

    /// Two people with the roles security and resume, one without; a passkey of the third waits, which the second invited.
    private static func book(_ office: ConsoleOffice) throws -> PeopleDirectory {
        let start = ConsoleOffice.start
        let people = try (0..<3).map { number in
            let key = PublicKey(
                base64: Base64.encode([UInt8](repeating: UInt8(number + 1), count: 32)))
            return TrustedPerson(
                person: office.people[number], pseudonym: office.voter(number).pseudonym,
                roles: number < 2 ? [.security, .resume] : [],
                keys: [EnrolledKey(key: try #require(key), added: start, founding: true)])
        }
        let order = try PeopleOrder(
            id: waits, org: "acme", content: .invite(office.people[2], roles: [.kill]),
            reason: "a test of people", author: office.voter(1).pseudonym, at: start)
        let invitation = Invitation(
            hash: Digest(words: (9, 9, 9, 9)), person: office.people[2],
            pseudonym: office.voter(2).pseudonym, roles: [.kill], expires: start + .seconds(600),
            order: Envelope(payloadType: .people, payload: try order.canonical(), signatures: []),
            inviter: office.voter(1).pseudonym)
        let pending = PendingEnrolment(
            id: waits, invitation: invitation,
            credential: .passkey(
                try #require(PasskeyID(bytes: [7])), .es256, publicKey: [1],
                relyingParty: "interlock.example", counter: 0), expires: start + .seconds(600))
        return PeopleDirectory(
            trust: try AuthorizedKeys(org: "acme", people: people, nodes: []),
            enrolments: [pending])
    }

    private func browser(person: Int = 0) -> Browser {
        Browser(person: person, hasEntry: true, orders: directory)
    }

    private func draft(_ body: String, person: Int = 0) async -> Answer {
        await browser(person: person).call("/people/orders/draft", body)
    }

    private func digest() throws -> Digest {
        let waiting = directory.people?.unconfirmed(at: ConsoleOffice.start).first
        return try #require(waiting?.digest(OpenSSLHashing()))
    }

    @Test func `the page of people invites, and a person's page changes roles and revokes`()
        async throws
    {
        let list = await browser().get("/people").text
        #expect(list.contains("Invite person") && list.contains("value=\"break_glass\""))
        let page = await browser().get(PeopleRoute.person(office.voter(1).pseudonym).link.text).text
        for words in [
            "Request change of roles", "Invite again", "Revoke p2@acme.example",
            "Type the address to revoke", "Keys and passkeys ended", "Sessions ended",
            "interlock people revoke p2@acme.example", "Invitations and pending orders void",
        ] { #expect(page.contains(words), "\(words)") }
        let own = await browser(person: 2).get(
            PeopleRoute.person(office.voter(2).pseudonym).link.text
        ).text
        #expect(own.contains("Revoke p3@acme.example") && !own.contains("Invite again"))
    }

    @Test func `an enrolment is confirmed by the end of its id, which no page has`() async throws {
        let page = await browser().get("/people/waiting").text
        #expect(page.contains("Confirm credential") && page.contains("interlock.example"))
        let end = String(Self.waits.text.suffix(6))
        #expect(page.contains(Self.waits.text.dropLast(6)) && !page.contains(Self.waits.text))
        let second = await browser(person: 1).get("/people/waiting").text
        #expect(second.contains("Another person with the role security must confirm it"))
        #expect(!second.contains("Confirm credential"))
        let digest = try digest().prefixed
        func body(_ typed: String) -> String {
            #"{"deed":"confirm","digest":"\#(digest)","typed":"\#(typed)","reason":"seen and read"}"#
        }
        let wrong = await draft(body("000000"))
        #expect(wrong.status == 428 && wrong.text.contains("not_confirmed"))
        #expect(await draft(body("")).status == 428)
        #expect(await draft(body(end)).status == 200)
        #expect(directory.changes == [.confirm(Self.waits, of: try self.digest())])
    }

    @Test func `a draft names the whole change`() async throws {
        let reason = #""reason":"a test of people""#
        let person = #""person":"p3@acme.example""#
        let bodies = [
            #"{"deed":"invite",\#(person),"add":["kill"],\#(reason)}"#,
            #"{"deed":"role",\#(person),"add":["kill"],"remove":["resume"],\#(reason)}"#,
            #"{"deed":"revoke",\#(person),"typed":"p3@acme.example",\#(reason)}"#,
            #"{"deed":"issue_token","service":"siem","role":"kill","days":2,\#(reason)}"#,
            #"{"deed":"end_token","service":"siem",\#(reason)}"#,
            #"{"deed":"delegate","group":"finance",\#(person),"days":7,\#(reason)}"#,
            #"{"deed":"end_delegation","group":"finance",\#(reason)}"#,
            #"{"deed":"issue_agent_token","agent":"refunds","purpose":"","only":["crm"],"lasts_s":3600,\#(reason)}"#,
        ]
        for body in bodies {
            let answer = await draft(body)
            #expect(answer.status == 200, "\(body)")
        }
        let third = office.people[2]
        let service = try #require(ServiceAccountName("siem"))
        let request = AgentTokenRequest(
            agent: try #require(AgentName("refunds")), purpose: "", only: ["crm"], seconds: 3600)
        #expect(
            directory.changes == [
                .invite(third, roles: [.kill]), .role(third, add: [.kill], remove: [.resume]),
                .revoke(third),
                .issueToken(service, role: .kill, until: ConsoleOffice.start + .seconds(172_800)),
                .endToken(service),
                .delegate(
                    group: "finance", to: third, until: ConsoleOffice.start + .seconds(604_800)),
                .endDelegation(group: "finance"), .issueAgentToken(try #require(request)),
            ])
    }

    @Test func `a draft of less is refused`() async {
        let reason = #""reason":"a test of people""#
        let bodies: [(String, Int)] = [
            (#"{"deed":"revoke","person":"p3@acme.example","typed":"p3","# + reason + "}", 428),
            (#"{"deed":"revoke","person":"p3@acme.example","# + reason + "}", 428),
            (#"{"deed":"invite","# + reason + "}", 400),
            (#"{"deed":"enrol","# + reason + "}", 400),
            (#"{"deed":"issue_token","service":"siem","role":"kill","# + reason + "}", 400),
            (#"{"deed":"invite","person":"p3@acme.example"}"#, 400),
            (
                #"{"deed":"delegate","group":"finance","person":"p3@acme.example","# + reason + "}",
                400
            ),
            (#"{"deed":"issue_agent_token","agent":"refunds","# + reason + "}", 400),
            (#"{"deed":"issue_agent_token","agent":"refunds","lasts_s":59,"# + reason + "}", 400),
        ]
        for (body, status) in bodies {
            let answer = await draft(body)
            #expect(answer.status == status, "\(body)")
        }
        #expect(directory.changes.isEmpty)
    }

    @Test func `the page of people passes the own seat, whatever roles its reader has`()
        async throws
    {
        for person in [0, 2] {
            let page = await browser(person: person).get("/people").text
            for words in ["Pass seat", "value=\"finance\"", "approvals delegate --group GROUP"] {
                #expect(page.contains(words), "\(words)")
            }
            #expect(!page.contains("End delegation"))
        }
        let signer = OrderSigner(
            session: PersonSession(
                person: office.people[0], pseudonym: office.voter(0).pseudonym,
                formToken: "a-form-token"), roles: [], way: .page)
        let passed = SeatForms(
            groups: [
                ("board", DelegatingGroup(members: [], delegates: .never)),
                ("finance", DelegatingGroup(members: [])),
                ("legal", DelegatingGroup(members: [], delegates: .members)),
            ], passed: ["finance"], signer: signer)
        let text = String(decoding: HTML.group(passed.content).bytes, as: UTF8.self)
        #expect(text.contains("End delegation") && text.contains("To members alone: "))
        #expect(text.contains("value=\"legal\"") && !text.contains("value=\"board\""))
    }

    @Test func `the page of an agent issues a token, for security alone`() async {
        let world = DirectoryWorld(text: "plain")
        func page(_ person: Int) async -> String {
            await Browser(
                person: person, hasEntry: true, sources: world.sources, orders: directory
            ).get("/agents/clerk").text
        }
        let issuing = await page(0)
        for words in [
            "value=\"issue_agent_token\"", "Purpose of the run", "value=\"2678400\"", "Stop run",
            "interlock agents token clerk --ttl 8h",
            "scope=run&amp;target=",
        ] { #expect(issuing.contains(words), "\(words)") }
        // All 120 tools of the agent would be too many boxes, and its one server is no choice.
        #expect(!issuing.contains("name=\"only\""))
        // The third person does not see the agent.
        let owner = await page(1)
        #expect(owner.contains("issue_agent_token"), "the second person has the role too")
        #expect(!(await page(2)).contains("issue_agent_token"))
    }

    @Test func `addresses of any origin stay text`() throws {
        let person = try #require(Person("x'<b>@acme.example"))
        let signer = OrderSigner(
            session: PersonSession(
                person: person, pseudonym: office.voter(0).pseudonym, formToken: "a-form-token"),
            roles: [.security], way: .page)
        let page = Outline(HTML.group([signer.form(.revoke(person))]).bytes)
        #expect(page.faults.isEmpty && page.values.contains(person.address))
    }
}
