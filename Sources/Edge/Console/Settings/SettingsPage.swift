import InterlockAPI
import InterlockAdministration
import InterlockApprovals
import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// `/settings`: the looks of pages in this browser, and one's own sessions and credentials.
struct SettingsPage {
    static let title = "Settings"

    let appearance: Appearance
    /// The names of all zones, without UTC.
    let zones: [String]
    let session: PersonSession
    /// The own sessions, or nil if they cannot be found out.
    let sessions: [LiveSession]?
    /// The own credentials, or nil if they cannot be read.
    let person: PersonView?
    var refusal: String?

    private enum Part: Int { case theme, density, zone, shortcuts }

    private static func anchor(_ part: Part) -> Anchor { Anchor("setting", part.rawValue) }

    var header: PageHeader {
        var header = PageHeader(
            Self.title, StatusBadge(.plain, "Signed in", from: "The session of this browser."))
        header.say { SafeText.text(session.person.address) }
        if let sessions { header.fact("Sessions") { "\(sessions.count)" } }
        if let person { header.fact("Credentials") { PersonLabels.credentials(person) } }
        header.fact("Times in") { SafeText.text(appearance.zone) }
        return header
    }

    @HTMLBuilder var content: [HTML] {
        if let refusal { notice(.bad) { refusal } }
        card("How pages look in this browser") { appearanceForm }
        card("Your sessions") { ownSessions }
        card("Your passkeys and keys") { credentials }
    }

    private var appearanceForm: HTML {
        Form(action: SettingsRoute.appearance.address, formToken: session.formToken) {
            choice(
                "Theme", "theme", .theme,
                [("system", "As the system"), ("light", "Light"), ("dark", "Dark")],
                appearance.theme.rawValue)
            choice(
                "Density of tables", "density", .density,
                [("normal", "Normal"), ("compact", "Compact")], appearance.density.rawValue)
            choice(
                "Time zone", "zone", .zone,
                [(Appearance.ofSignIn, "As at sign-in (\(appearance.signInZone))")]
                    + unlisted.map { ($0, $0) }
                    + [(Appearance.utc, Appearance.utc)] + zones.map { ($0, $0) },
                appearance.chosenZone ?? Appearance.ofSignIn)
            choice(
                "Single-key shortcuts", "shortcuts", .shortcuts, [("on", "On"), ("off", "Off")],
                appearance.shortcuts.rawValue)
            element(.p, .style(.hint)) {
                "UTC stays in the title of each time, and is there as text where you sign. The choice is kept in this browser alone. Ctrl-K opens the palette also while single keys are off."
            }
            element(.button, .word(.type, "submit")) { "Save" }
        }.html
    }

    /// The chosen zone if the list does not have it, such as an older name of a zone.
    private var unlisted: [String] {
        guard let zone = appearance.chosenZone, zone != Appearance.utc, !zones.contains(zone)
        else { return [] }
        return [zone]
    }

    private func choice(
        _ label: String, _ name: StaticString, _ part: Part,
        _ choices: [(value: String, words: String)], _ chosen: String
    ) -> HTML {
        Form.select(label, name, Self.anchor(part), choices, chosen: chosen)
    }

    @HTMLBuilder private var ownSessions: [HTML] {
        if let sessions {
            Table(
                Shape.count(sessions.count, "session") + ", last used first",
                [.state("Session"), .time("Began"), .time("Last used"), .time("Expires")], sessions
            ) { one in
                [
                    one.id == session.id ? badge("This session", .good) : .text("Another session"),
                    Shape.time(one.began), Shape.time(one.seen), Shape.time(one.ends),
                ]
            }.html(or: "No session is live.")
            if sessions.contains(where: { $0.id != session.id }) {
                Form(action: SettingsRoute.endOthers.address, formToken: session.formToken) {
                    element(.button, .style(.deny), .word(.type, "submit")) { "End others" }
                }.html
            }
        } else {
            notice(.warning) { "Your sessions cannot be read now. Load the page again soon." }
        }
    }

    @HTMLBuilder private var credentials: [HTML] {
        if let person {
            CredentialTable(credentials: person.credentials).html
            element(.p, .style(.hint)) {
                "If a device is lost, revoke every credential of yours at once. You need no role for it. Then another person invites you again."
            }
            TypedCommand.list([
                TypedCommand(
                    "Revoke all", "interlock", "people", "revoke", session.person.address, "--as",
                    session.person.address, "--reason", "REASON")
            ])
        } else {
            notice(.warning) { "Your credentials cannot be read now." }
        }
    }
}
