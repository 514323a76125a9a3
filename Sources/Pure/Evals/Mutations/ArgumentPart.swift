import InterlockJSON
import InterlockModel

/// One value inside the arguments of a call.
struct ArgumentPart {
    /// The positions of members and elements on the way to it; empty for the arguments themselves.
    let place: [Int]
    let pointer: String
    let value: JSONValue

    /// A text that takes the place of the value.
    struct Rewriting {
        let name: String
        let json: String
    }

    /// The values of the arguments, those of a level before those below it.
    static func parts(of arguments: JSONValue) -> [ArgumentPart] {
        var parts = [ArgumentPart(place: [], pointer: "", value: arguments)]
        var next = 0
        while next < parts.count, parts.count < ArgumentMutants.mostParts {
            let part = parts[next]
            next += 1
            guard part.place.count < ArgumentMutants.deepest else { continue }
            let room = ArgumentMutants.mostParts - parts.count
            switch part.value {
            case .array(let items):
                for (number, item) in items.prefix(room).enumerated() {
                    parts.append(part.child(number, "\(number)", item))
                }
            case .object(let object):
                for (number, member) in object.members.prefix(room).enumerated() {
                    parts.append(part.child(number, member.key, member.value))
                }
            case .null, .bool, .integer, .number, .string: break
            }
        }
        return parts
    }

    private func child(_ number: Int, _ key: String, _ value: JSONValue) -> ArgumentPart {
        ArgumentPart(
            place: place + [number], pointer: pointer + "/" + JSONPointer.escaped(key),
            value: value)
    }

    /// The texts that a kind of mutation makes of the value; empty if it does not apply.
    func rewritings(_ kind: MutationKind, _ random: inout MutationRandom) -> [Rewriting] {
        switch (kind, value) {
        case (.letterCase, .string(let text)): TextMutation.cases(text).map(Self.quoted)
        case (.letterCase, .object(let object)): Self.keyCases(object)
        case (.unicode, .string(let text)): TextMutation.unicode(text).map(Self.quoted)
        case (.encoding, .string(let text)):
            TextMutation.encodings(text).map(Self.quoted)
                + [Rewriting(name: "escapes", json: TextMutation.escaped(text))]
        case (.extraField, .object(let object)): Self.extraFields(object, &random)
        case (.order, .object(let object)): Self.reversed(object)
        case (.order, .array(let items)):
            items.count < 2
                ? []
                : [Rewriting(name: "reversed", json: jsonText(.array(items.reversed())))]
        case (.number, .integer(let number)): Self.numbers(number)
        case (.number, .number(let number)):
            [Rewriting(name: "as text", json: jsonText(.string(number.text)))]
        case (.number, .string(let text)): Self.unquoted(text)
        case (.absence, .object(let object)): Self.absences(object)
        default: []
        }
    }

    private static func quoted(_ text: String) -> Rewriting {
        let json = jsonText(.string(text))
        return Rewriting(name: String(json.prefix(80)), json: json)
    }

    private static func rewriting(
        _ name: String, _ members: [(key: String, value: JSONValue)]
    ) -> Rewriting {
        // Members are set one by one: a rewritten key can be one that is there already.
        var object = JSONObject()
        for (key, value) in members { object[key] = value }
        return Rewriting(name: name, json: jsonText(.object(object)))
    }

    private static func keyCases(_ object: JSONObject) -> [Rewriting] {
        object.members.indices.prefix(ArgumentMutants.mostMembers).compactMap {
            place -> Rewriting? in
            let key = object.members[place].key
            guard let other = TextMutation.cases(key).last else { return nil }
            var members = object.members
            members[place].key = other
            return rewriting("key " + oneLine(other), members)
        }
    }

    private static func extraFields(
        _ object: JSONObject, _ random: inout MutationRandom
    ) -> [Rewriting] {
        let key = "x-" + String(random.next() & 0xffff_ffff, radix: 16)
        let values: [JSONValue] = [true, .null, "allow"]
        return values.map { value in
            rewriting("with " + key, object.members + [(key: key, value: value)])
        }
    }

    private static func reversed(_ object: JSONObject) -> [Rewriting] {
        guard object.count >= 2 else { return [] }
        return [rewriting("reversed", Array(object.members.reversed()))]
    }

    private static func absences(_ object: JSONObject) -> [Rewriting] {
        object.members.indices.prefix(ArgumentMutants.mostMembers).flatMap { place -> [Rewriting] in
            let key = object.members[place].key
            var nulled = object.members
            nulled[place].value = .null
            var without = object.members
            without.remove(at: place)
            return [
                rewriting(oneLine(key) + " null", nulled),
                rewriting("without " + oneLine(key), without),
            ]
        }
    }

    /// Other spellings of a whole number, and its text.
    private static func numbers(_ number: Int64) -> [Rewriting] {
        var digits = String(number)
        var power = 0
        while number != 0, digits.hasSuffix("0") {
            digits.removeLast()
            power += 1
        }
        return ["\(number).0", "\(digits)e\(power)", "\"\(number)\""].map {
            Rewriting(name: $0, json: $0)
        }
    }

    /// The number that a text spells, without quotes.
    private static func unquoted(_ text: String) -> [Rewriting] {
        guard let number = Int64(text), (-(1 << 53)...(1 << 53)).contains(number),
            String(number) == text
        else {
            return []
        }
        return [Rewriting(name: text, json: text)]
    }
}
