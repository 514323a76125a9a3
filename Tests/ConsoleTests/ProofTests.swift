import InterlockAdministration
import InterlockApprovals
import InterlockConsoleWorld
import InterlockCredentials
import InterlockModel
import InterlockSchemas
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The rights of a session cookie without the key that the signed-in browser holds.
@Suite(.requirement("R152"))
struct ProofTests {
    private let office = ConsoleOffice()
    private let shelf = EvidenceShelf()

    private func browser(_ requests: Int = 0) throws -> (Browser, String) {
        let browser = Browser(hasEntry: true, sources: shelf.sources)
        let request = try office.request(1)
        browser.world.put(request)
        return (browser, request.id.shown)
    }

    private func fields(_ browser: Browser) async -> [(String, String)] {
        [("form_token", await browser.formToken), ("revision", "1"), ("reason", "too-much")]
    }

    @Test func `R152 the cookie alone shows pages, and nothing else`() async throws {
        var (browser, id) = try browser()
        browser.proves = false
        for page in ["/approvals", "/approvals/\(id)", "/audit", "/runs"] {
            let shown = await browser.get(page)
            #expect(shown.status == 200 && shown[SessionProof.nonceHeader] == ConsoleWorld.nonce)
        }
        let run = "/runs/\(EvidenceShelf.run.text)"
        for file in ["/audit/12/proof", "/audit/12/record", "/audit/records.tar", run + "/bundle"] {
            let refused = await browser.get(file)
            #expect(refused.status == 401 && refused[SessionProof.faultHeader] == "missing")
            #expect(refused["content-disposition"] == nil)
        }
        for form in [
            "/approvals/\(id)/deny", "/approvals/\(id)/revoke", run + "/replay", "/sign-out",
        ] {
            let refused = await browser.post(form, await fields(browser))
            #expect(refused.status == 401 && refused[SessionProof.faultHeader] == "missing")
            #expect(refused.text.contains("Nothing was done"))
        }
        #expect(browser.world.actions == [])
        #expect(await browser.get("/approvals").status == 200)
    }

    @Test func `R152 each operation of the API that needs a session needs its proof`() async throws
    {
        var (browser, id) = try browser()
        browser.proves = false
        for operation in Operation.published where !operation.isOpen {
            let path = operation.path.text
                .replacing("{approval}", with: id).replacing("{halt}", with: "x")
            let method = operation.method.rawValue
            let headers =
                browser.headers
                + (method == "GET"
                    ? []
                    : [
                        ("content-type", "application/json"),
                        (PeopleAPI.formTokenHeader, await browser.formToken),
                    ])
            let refused = await browser.ask(
                method, PeopleAPI.prefix + path, headers,
                method == "GET" ? [] : Array("{}".utf8))
            #expect(refused.problem == "not_proven", "\(operation.name)")
            #expect(refused[SessionProof.faultHeader] == "missing")
            #expect(refused[SessionProof.nonceHeader] == ConsoleWorld.nonce)
        }
        #expect(browser.world.actions == [])
        #expect(browser.console.api.streams.count == 0 && browser.world.listenerCount == 0)
    }

    /// The operations of the command line, which the local socket alone serves.
    @Test func `R152 no session reaches an operation of the command line`() async throws {
        let (browser, _) = try browser()
        let published = Set(Operation.published.map { "\($0.method.rawValue) \($0.path.text)" })
        let local = Operation.all.filter { $0.callers == .local }
        #expect(local.count > 30)
        for operation in local {
            let method = operation.method.rawValue
            guard !published.contains("\(method) \(operation.path.text)") else { continue }
            let path = PeopleAPI.prefix + operation.path.text.replacing(/{\w+}/, with: "x")
            let body = method == "GET" ? "" : "{}"
            let headers =
                browser.headers + browser.proof(method, path, body)
                + (method == "GET"
                    ? []
                    : [
                        ("content-type", "application/json"),
                        (PeopleAPI.formTokenHeader, await browser.formToken),
                    ])
            let refused = await browser.ask(method, path, headers, Array(body.utf8))
            #expect([400, 403, 404, 405].contains(refused.status), "\(operation.name)")
        }
        #expect(browser.world.actions == [])
    }

    @Test func `R152 a proof is for its own method, address and body, and counts once`()
        async throws
    {
        let (browser, id) = try browser()
        let path = "/approvals/\(id)/deny"
        let body = await fields(browser).map { "\($0.0)=\($0.1)" }.joined(separator: "&")
        let form: [(name: String, value: String)] = [
            ("content-type", FormBody.mediaType), ("origin", Browser.origin),
        ]
        func send(_ proof: [(name: String, value: String)], _ body: String) async -> String? {
            let answer = await browser.ask(
                "POST", path, browser.headers + form + proof, Array(body.utf8))
            #expect(answer.status == 401 || answer.status == 303 || answer.status == 409)
            return answer[SessionProof.faultHeader]
        }
        for (proof, fault) in [
            ([], "missing"), ([(SessionProof.header, "")], "malformed"),
            ([(SessionProof.header, "v1.a.b.c")], "malformed"),
            (browser.proof("POST", path, body) + browser.proof("POST", path, body), "malformed"),
            (browser.proof("GET", path, body), "bad_signature"),
            (browser.proof("POST", path + "?", body), "bad_signature"),
            (browser.proof("POST", "/approvals/\(id)/revoke", body), "bad_signature"),
            (browser.proof("POST", path, body + "&text=x"), "bad_signature"),
            (browser.proof("POST", path), "bad_signature"),
        ] {
            #expect(await send(proof, body) == fault)
        }
        #expect(browser.world.actions == [])
        let proof = browser.proof("POST", path, body)
        #expect(await send(proof, body) == nil)
        #expect(browser.world.actions.count == 1)
        #expect(await send(proof, body) == "used_before")
        #expect(await send(browser.proof("POST", path, body), body) == nil)
        #expect(browser.world.actions.count == 1)
    }

    @Test func `R152 a proof of another session counts for nothing`() async throws {
        let (browser, id) = try browser()
        let path = "/api/v1/approvals/\(id)"
        let keyless = browser.world.signIn(0, key: nil)
        let cookie = ("cookie", "\(HostCookie.session.name)=\(keyless)")
        let refused = await browser.ask(
            "GET", path, [("host", "interlock.example"), cookie] + browser.proof("GET", path))
        #expect(refused.problem == "not_proven")
        #expect(refused[SessionProof.faultHeader] == "bad_signature")
    }

    @Test func `R152 a sign-in without a key begins no session`() async {
        let browser = Browser(person: nil, hasEntry: true)
        for key in ["", "AQ", Base64.encodeURL([UInt8](repeating: 4, count: 66))] {
            let answer = await browser.post("/sign-in/challenge", [("key", key)])
            #expect(answer.status == 400 && answer["set-cookie"] == nil)
            #expect(answer.text.contains("bad_key"))
        }
    }

    @Test func `R152 a page says what it cannot do without its script`() async {
        let page = await Browser().get("/approvals").text
        #expect(page.contains("<noscript>") && page.contains("can only be read"))
        #expect(page.contains("data-proven"))
    }
}
