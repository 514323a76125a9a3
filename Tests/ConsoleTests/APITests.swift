import InterlockAdministration
import InterlockApprovals
import InterlockConsoleWorld
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The API as programs of signed-in people call it.
struct APITests {
    private let office = ConsoleOffice()

    private func browser(_ requests: [ApprovalRequest], person: Int? = 0) -> Browser {
        let browser = Browser(person: person, hasEntry: true)
        for request in requests { browser.world.put(request) }
        return browser
    }

    private func path(_ request: ApprovalRequest, _ action: String = "") -> String {
        "/approvals/\(request.id.shown)\(action)"
    }

    private let none = "/approvals/apr_00000000000000000000000000"
    private let denial = #"{"revision":1,"reason":"too-much"}"#

    @Test func `nobody is answered without a session, but on what the API is`() async throws {
        let request = try office.request(1)
        let stranger = browser([request], person: nil)
        for path in ["/session", "/approvals", "/approvals/stream", path(request), none] {
            let answer = await stranger.call(path)
            #expect(answer.status == 401 && answer.problem == "not_signed_in", "\(path)")
        }
        for action in ["/viewed", "/challenge", "/votes", "/deny", "/revoke"] {
            #expect(await stranger.call(path(request, action), denial).problem == "not_signed_in")
        }
        let document = await stranger.call("/openapi.json")
        #expect(document.status == 200 && document.json == OpenAPI.document)
        #expect(await stranger.call("/problems/too_fast").json?["status"]?.integer == 428)
        #expect(await stranger.call("/problems/none").problem == "no_such_path")
    }

    @Test func `who is signed in learns the form token`() async throws {
        let browser = browser([])
        let session = await browser.call("/session")
        #expect(session.json?["person"]?.string == "p1@acme.example")
        #expect(session.json?["form_token"]?.string == (await browser.formToken))
        #expect(session["cache-control"] == "no-store")
    }

    @Test func `what other pages send is refused, and so is what is no JSON`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        let deny = path(request, "/deny")
        let token = "x-interlock-form-token"
        #expect(await browser.call(deny, denial, without: [token]).problem == "foreign_form")
        let foreign = await browser.call(deny, denial, without: [token], and: [(token, "other")])
        #expect(foreign.problem == "foreign_form")
        for origin in ["null", "https://evil.example", "http://interlock.example"] {
            let answer = await browser.call(deny, denial, and: [("origin", origin)])
            #expect(answer.problem == "foreign_origin", "\(origin)")
        }
        for site in ["cross-site", "same-site", "none"] {
            let answer = await browser.call(deny, denial, and: [("sec-fetch-site", site)])
            #expect(answer.problem == "foreign_origin", "\(site)")
        }
        for type in ["text/plain", "application/x-www-form-urlencoded"] {
            let answer = await browser.call(
                deny, denial, without: ["content-type"], and: [("content-type", type)])
            #expect(answer.problem == "not_json", "\(type)")
        }
        let both = await browser.call(deny, denial, and: [("authorization", "Bearer x")])
        #expect(both.problem == "malformed", "a cookie and a token")
        let elsewhere = await browser.call(
            deny, denial, without: ["host"], and: [("host", "evil.example")])
        #expect(elsewhere.problem == "not_served_here")
        let large = await browser.call(deny, String(repeating: " ", count: 70_000))
        #expect(large.problem == "too_large")
        #expect(browser.world.actions == [])
        let own: [(String, String)] = [
            ("origin", Browser.origin), ("sec-fetch-site", "same-origin"),
        ]
        #expect(await browser.call(deny, denial, and: own).status == 200)
    }

    @Test func `what is no path is none, and each path says its methods`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        for path in ["", "/", "/approval", "/approvals/", "/approvals/x/y/z", "/../approvals"] {
            #expect(await browser.call(path).problem == "no_such_path", "\(path)")
        }
        #expect(await browser.get("/api/v2/approvals").problem == "no_such_path")
        let wrong = await browser.call(path(request), "{}")
        #expect(wrong.problem == "method_not_allowed" && wrong["allow"] == "GET, HEAD")
        #expect(await browser.call(path(request, "/deny"))["allow"] == "POST")
        for method in ["PUT", "DELETE", "OPTIONS", "PATCH"] {
            let answer = await browser.ask(
                method, PeopleAPI.prefix + path(request), browser.headers)
            #expect(answer.status == 405)
        }
        for id in ["1", "apr_x", "apr_80000000000000000000000000"] {
            #expect(await browser.call("/approvals/\(id)").problem == "no_such_request")
        }
    }

    @Test func `what is shown is as the document says, and hides what the page hides`()
        async throws
    {
        let open = try office.request(1, quorum: 2)
        let voted = try office.voted(try office.request(2, quorum: 2), .approve, by: 0)
        let ended = try office.voted(try office.request(3), .deny, by: 1)
        let high = try office.request(4, tier: .high, facts: Hostile.facts)
        let browser = browser([open, voted, ended, high])
        for request in [open, voted, ended, high] {
            let answer = try #require(await browser.call(path(request)).json)
            try ReviewView.whole.shape.check(answer)
            #expect(answer["digest"]?.string == request.callDigest.prefixed)
            #expect(answer["review"] == request.review.json)
        }
        #expect(await browser.call(path(open)).json?["have"] == nil)
        #expect(await browser.call(path(open)).json?["standing"]?.string == "may_decide")
        #expect(await browser.call(path(voted)).json?["have"]?.integer == 1)
        #expect(await browser.call(path(ended)).json?["votes"]?.array != nil)
        #expect(await browser.call(path(high)).json?["confirm"]?.string != nil)
    }

    @Test func `a denial and a taking back are done once, with what the form needs`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        let deny = path(request, "/deny")
        let bad = [
            "", "{", "[]", "{}", #"{"revision":1}"#, #"{"revision":1,"reason":"none"}"#,
            #"{"revision":0,"reason":"too-much"}"#, #"{"revision":1.5,"reason":"too-much"}"#,
            #"{"revision":1,"reason":"other"}"#, #"{"revision":1,"reason":"other","text":" "}"#,
            #"{"revision":1,"reason":"too-much","more":1}"#,
            #"{"revision":1,"revision":1,"reason":"too-much"}"#,
            #"{"revision":1,"reason":"too-much","text":"\#(String(repeating: "ä", count: 513))"}"#,
        ]
        for body in bad {
            #expect(await browser.call(deny, body).problem == "malformed", "\(body)")
        }
        let stale = #"{"revision":2,"reason":"too-much"}"#
        #expect(await browser.call(deny, stale).problem == "revision_changed")
        #expect(browser.world.actions == [])
        let other = #"{"revision":1,"reason":"other","text":"no"}"#
        let done = await browser.call(deny, other)
        #expect(done.status == 200 && done.json?["state"]?.string == "denied")
        #expect(browser.world.actions == [.deny(.other, text: "no")])
        #expect(await browser.call(deny, denial).problem == "request_closed")

        let waiting = try office.request(5)
        browser.world.put(waiting)
        let early = await browser.call(path(waiting, "/revoke"), #"{"revision":1}"#)
        #expect(
            early.problem == "not_granted" && early.status == 409, "taking back is no way to refuse"
        )

        let granted = try office.voted(try office.request(2), .approve, by: 1)
        browser.world.put(granted)
        let revoked = await browser.call(path(granted, "/revoke"), #"{"revision":1}"#)
        #expect(revoked.json?["state"]?.string == "void")
    }

    @Test func `who may not see a request cannot tell it from none`() async throws {
        let request = try office.request(1, voters: [0])
        let browser = browser([request], person: 1)
        #expect(await browser.call(path(request)).text == (await browser.call(none)).text)
        let denied = await browser.call(path(request, "/deny"), denial)
        #expect(denied.text == (await browser.call(none + "/deny", denial)).text)
        #expect(await browser.call("/approvals").json?["approvals"] == [])
    }

    @Test func `approving by passkey has the rules of the page`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        let viewed = await browser.call(
            path(request, "/viewed"), #"{"revision":1,"parts":["call"]}"#)
        #expect(viewed.status == 204 && viewed.response.body.isEmpty)
        let unknown = await browser.call(path(request, "/viewed"), #"{"revision":1,"parts":["x"]}"#)
        #expect(unknown.problem == "malformed")
        let early = await browser.call(path(request, "/challenge"), #"{"revision":1}"#)
        #expect(early.status == 428 && early.problem == "not_fully_viewed")
        let assertion =
            #"{"credential":"AQ","authenticatorData":"AQ","clientDataJSON":"AQ","signature":"AQ"}"#
        func vote(_ payload: String) -> String {
            #"{"payloadType":"application/vnd.interlock.vote+json","payload":"\#(payload)","assertion":\#(assertion)}"#
        }
        #expect(await browser.call(path(request, "/votes"), vote("AQ==")).status == 428)
        #expect(await browser.call(path(request, "/votes"), vote("AR==")).problem == "malformed")
        let closed = Browser(browser.world)
        let nobody = await closed.call(path(request, "/challenge"), #"{"revision":1}"#)
        #expect(nobody.problem == "no_such_request")
    }

    @Test func `a request with a key is done once`() async throws {
        let request = try office.request(1)
        let browser = browser([request])
        let key = [(name: "idempotency-key", value: "one")]
        let deny = path(request, "/deny")
        let first = await browser.call(deny, denial, and: key)
        let second = await browser.call(deny, denial, and: key)
        #expect(first.status == 200 && second.status == 200 && first.text == second.text)
        #expect(first["idempotent-replayed"] == nil && second["idempotent-replayed"] == "true")
        #expect(browser.world.actions.count == 1)
        let other = #"{"revision":1,"reason":"not-needed"}"#
        #expect(await browser.call(deny, other, and: key).problem == "key_reused")
        let elsewhere = await browser.call(path(request, "/revoke"), #"{"revision":1}"#, and: key)
        #expect(elsewhere.problem == "key_reused")
        // The same key of another person is a different key.
        let colleague = Browser(browser.world, person: 1)
        #expect(await colleague.call(deny, denial, and: key).problem == "request_closed")
        for bad in ["", String(repeating: "a", count: 256), "a b", "ä"] {
            let answer = await browser.call(deny, denial, and: [("idempotency-key", bad)])
            #expect(answer.problem == "malformed", "\(bad)")
        }
    }
}
