import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// A person's own settings: looks, which a cookie keeps, and sessions.
struct SettingsPageTests {
    private struct Zones: ZoneSource {
        let version = "2026a"
        let names = ["Asia/Kolkata", "Europe/Oslo"]
        func zone(named name: String) -> ZoneRules? {
            switch name {
            case "Europe/Oslo": ZoneRules(fixedSeconds: 3600)
            case "Asia/Kolkata": ZoneRules(fixedSeconds: 19_800)
            default: nil
            }
        }
    }

    private func browser(_ looks: String? = nil, _ world: ConsoleWorld = ConsoleWorld()) -> Browser
    {
        var browser = Browser(world, sources: ConsoleSources(zones: Zones()))
        if let looks { browser.more = [("cookie", "__Host-interlock-looks=\(looks)")] }
        return browser
    }

    @Test func `a browser without a choice gets the looks of its system, and UTC`() async {
        let page = await browser().get("/settings")
        #expect(page.status == 200)
        #expect(
            page.text.contains(
                "<html lang=\"en\" data-theme=\"system\" data-density=\"normal\" data-shortcuts=\"on\">"
            ))
        #expect(page.text.contains("2026-11-18 11:06:40 UTC"))
        #expect(page.text.contains("<option value=\"Asia/Kolkata\">"))
        #expect(await Browser(person: nil).get("/settings").status == 401)
    }

    @Test func `what was chosen holds on every page, with UTC in the title`() async {
        let page = await browser("theme=dark&density=compact&zone=Europe%2FOslo").get("/approvals")
        #expect(page.text.contains("data-theme=\"dark\" data-density=\"compact\""))
        #expect(page.text.contains("2026-11-18 12:06:40 +01:00"))
        #expect(page.text.contains("title=\"2026-11-18 11:06:40 UTC\""))
    }

    @Test(arguments: [
        "theme=pink&density=normal&zone=UTC", "theme=dark&density=normal",
        "theme=dark&density=normal&zone=Nowhere", "theme=dark&density=normal&zone=..%2F..%2Fetc",
        "theme=%22%3E%3Cscript%3E&density=normal&zone=UTC", "0123456789abcdef",
    ])
    func `a cookie that is not understood changes nothing`(looks: String) async {
        let page = await browser(looks).get("/settings")
        #expect(page.status == 200 && page.text.contains("data-theme=\"system\""))
        #expect(!page.text.contains("<script>"))
    }

    @Test func `single-key shortcuts are on until they are turned off`() async {
        let off = await browser("theme=light&density=normal&shortcuts=off&zone=UTC").get(
            "/settings")
        #expect(off.text.contains("data-shortcuts=\"off\""))
        #expect(off.text.contains("<option value=\"off\" selected>"))
        let wrong = await browser("theme=dark&density=normal&shortcuts=x&zone=UTC").get("/settings")
        #expect(wrong.text.contains("data-theme=\"system\""))
    }

    @Test func `the zone of the sign-in holds until another one is chosen`() async {
        let looks = "theme=system&density=normal&shortcuts=on&zone=sign-in&signed-in-zone="
        let oslo = await browser(looks + "Europe%2FOslo").get("/settings")
        #expect(oslo.text.contains("2026-11-18 12:06:40 +01:00"))
        #expect(oslo.text.contains("<option value=\"sign-in\" selected>"))
        let none = await browser(looks + "Nowhere").get("/settings")
        #expect(none.text.contains("2026-11-18 11:06:40 UTC"))
        let chosen = "theme=system&density=normal&zone=Asia%2FKolkata&signed-in-zone=Europe%2FOslo"
        #expect(await browser(chosen).get("/settings").text.contains("+05:30"))
    }

    @Test func `a choice is kept in the browser, and only one from the lists`() async throws {
        let browser = browser()
        let token = await browser.formToken
        func send(_ zone: String, token: String) async -> Answer {
            await browser.post(
                "/settings/appearance",
                [
                    ("form_token", token), ("theme", "light"), ("density", "compact"),
                    ("shortcuts", "on"), ("zone", zone),
                ])
        }
        let saved = await send("Asia%2FKolkata", token: token)
        #expect(saved.status == 303 && saved["location"] == "/settings")
        let cookie = try #require(saved["set-cookie"])
        #expect(
            cookie.hasPrefix(
                "__Host-interlock-looks=theme=light&density=compact&shortcuts=on&zone=Asia%2FKolkata&signed-in-zone=UTC;"
            ))
        for part in ["Secure", "HttpOnly", "SameSite=Strict", "Max-Age=34560000"] {
            #expect(cookie.contains(part), "\(part)")
        }
        let refused = await send("Nowhere", token: token)
        #expect(refused.status == 422 && refused["set-cookie"] == nil)
        #expect(await send("UTC", token: "foreign").status == 403)
        var unproven = browser
        unproven.proves = false
        let answer = await unproven.post("/settings/appearance", [("form_token", token)])
        #expect(answer.status == 401)
    }

    @Test func `the other sessions end, and this one stays`() async {
        let world = ConsoleWorld()
        let (browser, stranger) = (browser(nil, world), world.signIn(1))
        let other = world.signIn(0)
        #expect(await browser.get("/settings").text.contains("2 sessions"))
        let token = await browser.formToken
        let ended = await browser.post("/settings/end-others", [("form_token", token)])
        #expect(ended.status == 303)
        #expect(await world.session(of: other, isUse: false) == nil)
        #expect(await world.session(of: stranger, isUse: false) != nil)
        let page = await browser.get("/settings").text
        #expect(page.contains("1 session,") && page.contains("This session"))
        #expect(!page.contains("End others"))
    }

    @Test func `a program can do the same about sessions`() async throws {
        let world = ConsoleWorld()
        let browser = browser(nil, world)
        _ = world.signIn(0)
        let listed = try #require(await browser.call("/sessions").json?["sessions"]?.array)
        #expect(listed.count == 2 && listed.count { $0["current"]?.bool == true } == 1)
        let ended = await browser.call("/sessions/end-others", "{}")
        #expect(ended.json?["ended"]?.integer == 1)
        #expect(await browser.call("/sessions").json?["sessions"]?.array?.count == 1)
    }
}
