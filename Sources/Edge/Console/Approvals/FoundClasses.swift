import InterlockJSON
import InterlockMarkup

/// The values that were found in the arguments of a call, by class in words, with their numbers.
struct FoundClasses {
    let findings: JSONValue

    @HTMLBuilder var content: [HTML] {
        if let classes = findings.object {
            element(.ul, .style(.tree)) {
                for (name, count) in classes.members { element(.li) { words(name, count) } }
            }
        } else {
            SafeText.value(findings)
        }
    }

    @HTMLBuilder private func words(_ name: String, _ count: JSONValue) -> [HTML] {
        if let words = Self.classWords[name], let number = count.integer {
            Shape.count(Int(clamping: number), words.one, words.many)
        } else {
            SafeText.name(name)
            " "
            SafeText.value(count)
        }
    }

    /// The words for the classes, by their names in records.
    private static let classWords: [String: (one: String, many: String)] = [
        "private_key": ("private key", "private keys"), "token": ("token", "tokens"),
        "brokered": ("value of the folder of secrets", "values of the folder of secrets"),
        "canary": ("canary", "canaries"), "generic": ("possible secret", "possible secrets"),
        "card": ("card number", "card numbers"), "iban": ("bank account", "bank accounts"),
        "national_id": ("national id", "national ids"),
        "personal": ("item of personal data", "items of personal data"),
        "undecodable": ("text that was not decoded", "texts that were not decoded"),
    ]
}
