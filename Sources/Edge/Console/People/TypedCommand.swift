import InterlockMarkup
import InterlockModel

/// A command for a person to type, where no passkey can sign its order. Words of any origin are quoted for a POSIX shell.
struct TypedCommand {
    /// The effect, in a few words of this program.
    let title: String
    private let words: [String]

    /// - Parameter words: literals of this program, and texts of any origin.
    init(_ title: String, _ words: String...) {
        self.title = title
        self.words = words
    }

    var text: String { words.map(Self.quoted).joined(separator: " ") }

    /// Upper-case words are places to fill in, and stay as they are.
    private static func quoted(_ word: String) -> String {
        let plain = word.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                true
            default: "@._+-/:,=".utf8.contains(byte)
            }
        }
        return plain && !word.isEmpty ? word : "'\(word.replacing("'", with: "'\\''"))'"
    }

    /// A list of commands with what each does.
    static func list(_ commands: [TypedCommand]) -> HTML {
        var facts = Facts()
        for command in commands {
            facts.add(command.title) { element(.code) { SafeLine.text(command.text) } }
        }
        return facts.html
    }
}
