/// A question that auditors ask, and what of a pack answers it: named files, and controls whose gaps are the answer if
/// they have some. The questions are in our own words, after SOC 2 and the agentic list of OWASP.
package struct AuditorQuestion: Sendable {
    package let text: String
    /// Names, or folders that end in `/`.
    package let files: [String]
    package let controls: [ControlID]

    private init(_ text: String, _ files: [String], _ controls: ControlID...) {
        self.text = text
        self.files = files
        self.controls = controls
    }

    package static let all = [
        AuditorQuestion(
            "Which agents exist, who owns them, and what for?", ["agents.json", "people.json"],
            .c02),
        AuditorQuestion("What may each agent do?", ["policy/"], .c01),
        AuditorQuestion("Was something done that was not permitted?", ["controls/C01.json"], .c01),
        AuditorQuestion("Who holds the credentials of servers?", ["controls/C03.json"], .c03),
        AuditorQuestion(
            "Who had more rights for a time, and until when?", ["exceptions.json"], .c04),
        AuditorQuestion(
            "Which calls did people approve, and what did they see?", ["controls/C05.json"], .c05),
        AuditorQuestion("Do approvers read what they approve?", ["controls/C06.json"], .c06),
        AuditorQuestion("What limits the damage of a loop?", ["controls/C07.json"], .c07),
        AuditorQuestion(
            "Who can stop an agent, and was it tried?",
            ["roles.json", "drills/", "controls/C08.json"], .c08),
        AuditorQuestion("Is each action on record?", ["controls/C09.json"], .c09),
        AuditorQuestion(
            "Could the records have been changed?", ["logs/", "proofs/", "records/"], .c10),
        AuditorQuestion(
            "How long are records kept, and what is erased?", ["controls/C11.json"], .c11),
        AuditorQuestion(
            "Which tools of others are used, and who reviewed them?", ["inventory.json"], .c12),
        AuditorQuestion("Where does the code of agents run?", ["controls/C13.json"], .c13, .c14),
        AuditorQuestion("Do secrets or personal data leave?", ["controls/C15.json"], .c15, .c14),
        AuditorQuestion("What if an agent reads hostile text?", ["controls/C16.json"], .c16),
        AuditorQuestion(
            "How are changes of agents and rules tested and approved?",
            ["roles.json", "evals/", "policy/", "tests/release.json"], .c17, .c20),
        AuditorQuestion("Who gave an agent more autonomy, and on what?", ["trust/"], .c18),
        AuditorQuestion("Who reviews the rights, and what was found?", ["reviews/"], .c19),
        AuditorQuestion(
            "What was unusual, who looked at it, and which incidents came of it?",
            ["controls/C21.json", "controls/C24.json"], .c21, .c24),
    ]
}
