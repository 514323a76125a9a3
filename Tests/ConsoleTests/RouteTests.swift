import InterlockAdministration
import InterlockApprovals
import InterlockConsoleWorld
import InterlockGovernor
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

struct RouteTests {
    private let office = ConsoleOffice()

    private func browser(_ requests: [ApprovalRequest], person: Int? = 0) -> Browser {
        let browser = Browser(person: person)
        for request in requests { browser.world.put(request) }
        return browser
    }

    private func path(_ request: ApprovalRequest, _ action: String? = nil) -> String {
        "/approvals/\(request.id.shown)" + (action.map { "/" + $0 } ?? "")
    }

    @Test(arguments: [
        "/", "/approvals", "/approvals/apr_00000000000000000000000000", "/api/v1/approvals/stream",
    ])
    func `nobody reads without a session`(_ target: String) async {
        let stranger = Browser(person: nil)
        #expect(await stranger.get(target).status == 401)
        var late = Browser()
        late.world.signOut(late.token ?? "")
        #expect(await late.get(target).status == 401)
        late.token = "unknown-session-token"
        #expect(await late.get(target).status == 401)
    }

    @Test func `two cookies of one name are none`() async {
        let browser = Browser()
        let answer = await browser.get(
            "/approvals", ("cookie", "\(HostCookie.session.name)=another-session-token"))
        #expect(answer.status == 401)
    }

    @Test(arguments: [
        ("/approval", 404), ("/approvals/", 404), ("/approvals/1", 404), ("/approvals/apr_x", 404),
        ("/approvals/../approvals", 404), ("/assets/console.css", 404),
        ("/approvals/apr_x/deny/x", 404),
        ("/approvals?show=none", 400), ("/approvals?page=x", 400), ("/approvals?a=1&a=2", 400),
        ("/approvals?agent=%zz", 400), ("/approvals?page=999999", 200), ("/approvals?page=-1", 200),
    ])
    func `what is no page is none`(_ target: String, _ status: Int) async {
        #expect(await Browser().get(target).status == status)
    }

    @Test func `every answer has the policy and is in nobody's frame`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        let answers = [
            await browser.get("/approvals"), await browser.get(path(request)),
            await browser.get("/nothing"), await browser.get(browser.console.assets.script.path),
            await browser.post(path(request, "deny"), []), await browser.get("/"),
        ]
        for answer in answers {
            #expect(answer["content-security-policy"] == SecurityHeaders.policy)
            #expect(answer["x-frame-options"] == "DENY")
            #expect(answer["x-content-type-options"] == "nosniff")
        }
        #expect(answers[0]["cache-control"] == "no-store")
    }

    @Test func `another Host, a token of an agent and other methods are refused`() async {
        let browser = Browser()
        #expect(await browser.ask("GET", "/approvals", [("host", "evil.example")]).status == 421)
        #expect(await browser.ask("GET", "/approvals", []).status == 421)
        #expect(await browser.get("/approvals", ("authorization", "Bearer x")).status == 403)
        for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
            #expect(await browser.ask(method, "/approvals", browser.headers).status == 405)
        }
        #expect(await browser.ask("HEAD", "/approvals", browser.headers).status == 200)
    }

    /// A mail scanner opens every link, so a GET request must not change anything.
    @Test func `reading changes nothing`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        for target in [path(request), path(request, "deny"), path(request, "revoke"), "/approvals"]
        {
            _ = await browser.get(target)
        }
        #expect(browser.world.actions == [])
        #expect(await browser.get(path(request, "deny")).status == 405)
    }

    @Test func `a denial is done once, with its reason, and leads back to the page`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        let fields = [
            ("form_token", await browser.formToken), ("revision", "1"), ("reason", "suspicious"),
            ("text", "odd%0Atarget"),
        ]
        let answer = await browser.post(path(request, "deny"), fields)
        #expect(answer.status == 303)
        #expect(answer["location"] == path(request))
        #expect(browser.world.actions == [.deny(.suspicious, text: "odd\ntarget")])
        let again = await browser.post(path(request, "deny"), fields)
        #expect(again.status == 409)
        #expect(again.text.contains("Not done"))
        #expect(browser.world.actions.count == 1)
    }

    /// Each of these requests comes from another person's page, another site or an old session.
    @Test func `a form that is not of this session is refused`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        let own = await browser.formToken
        let other = await Browser(browser.world, person: 1).formToken
        let rest = [("revision", "1"), ("reason", "other"), ("text", "x")]
        let deny = path(request, "deny")
        for token in ["", "x", other] {
            #expect(await browser.post(deny, [("form_token", token)] + rest).status == 403)
        }
        let good = [("form_token", own)] + rest
        for origin in [
            nil, "null", "https://evil.example", "http://interlock.example",
            Browser.origin + ":444",
        ] {
            #expect(await browser.post(deny, good, origin: origin).status == 403)
        }
        for site in ["cross-site", "same-site", "none"] {
            #expect(await browser.post(deny, good, site: site).status == 403)
        }
        for type in ["text/plain", "multipart/form-data", "application/json"] {
            #expect(await browser.post(deny, good, type: type).status == 415)
        }
        #expect(browser.world.actions == [])
        #expect(await browser.post(deny, good, site: nil).status == 303)
    }

    @Test func `what a form leaves out or has too much of is refused`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        let token = ("form_token", await browser.formToken)
        let deny = path(request, "deny")
        let cases: [([(String, String)], Int)] = [
            ([token, ("revision", "1")], 422),
            ([token, ("revision", "1"), ("reason", "none")], 422),
            ([token, ("revision", "1"), ("reason", "other"), ("text", "+")], 422),
            ([token, ("reason", "too-much")], 400),
            ([token, ("revision", "2"), ("reason", "too-much")], 409),
            ([token, token, ("revision", "1"), ("reason", "too-much")], 403),
            (
                [
                    token, ("revision", "1"), ("reason", "too-much"),
                    ("text", String(repeating: "a", count: 2049)),
                ], 422
            ),
            ([token, ("text", String(repeating: "a", count: 20_000))], 413),
            ([token] + (0..<20).map { ("x\($0)", "") }, 403),
        ]
        for (fields, status) in cases {
            #expect(await browser.post(deny, fields).status == status, "\(fields)")
        }
        #expect(browser.world.actions == [])
    }

    @Test func `who may not see a request cannot tell it from none`() async throws {
        let request = try office.request(1, voters: [0])
        let browser = browser([request], person: 1)
        let unseen = await browser.get(path(request))
        let none = await browser.get("/approvals/apr_00000000000000000000000000")
        #expect(unseen.status == 404)
        #expect(unseen.text == none.text)
        let fields = [
            ("form_token", await browser.formToken), ("revision", "1"), ("reason", "too-much"),
        ]
        let denial = await browser.post(path(request, "deny"), fields)
        let missing = await browser.post("/approvals/apr_00000000000000000000000000/deny", fields)
        #expect(denial.status == 404)
        #expect(denial.text == missing.text)
    }

    @Test func `an approval that was not used can be taken back`() async throws {
        let request = try office.voted(try office.request(1), .approve, by: 1)
        let browser = browser([request])
        #expect(await browser.get(path(request)).text.contains("Revoke approval"))
        let fields = [("form_token", await browser.formToken), ("revision", "1"), ("text", "")]
        #expect(await browser.post(path(request, "revoke"), fields).status == 303)
        #expect(!(await browser.get(path(request)).text.contains("Revoke approval")))
    }
}
