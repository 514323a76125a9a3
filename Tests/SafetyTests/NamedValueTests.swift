import InterlockTesting
import Testing

@testable import InterlockSafety

/// The value in a match that begins with the words that name it, and sets of classes.
@Suite(.requirement("R082")) struct NamedValueTests {
    @Test(
        arguments: [
            (.nationalID, "ssn\n219-09-9999", "219-09-9999"),
            (.nationalID, "SSN: 219-09-9999", "219-09-9999"),
            (.nationalID, "Steuer-ID: 86 095 742 719", "86 095 742 719"),
            (.nationalID, "NINO: AB 12 34 56 C", "AB 12 34 56 C"),
            (.nationalID, "fødselsnummer: 01010750160", "01010750160"),
            (.nationalID, "NIE X1234567L", "X1234567L"),
            (.nationalID, "codice fiscale: RSSMRA85T10A562S", "RSSMRA85T10A562S"),
            (.card, "payment_card\nnumber\n4539788403885421", "4539788403885421"),
            (.card, "4539 7884 0388 5421", "4539 7884 0388 5421"),
            (.iban, "DE44 5001 0517 5407 3249 31", "DE44 5001 0517 5407 3249 31"),
            (.personal, "born\n1984-03-21", "1984-03-21"),
            (.personal, "born 1984-03-21", "born 1984-03-21"),
            (.generic, "password\nk7hQ2mVx9s\n", "k7hQ2mVx9s\n"),
            (.token, "a\nb", "a\nb"), (.nationalID, "words", "words"), (.card, "", ""),
        ] as [(SecretClass, String, String)])
    func `a value begins behind the words that name it`(
        _ secretClass: SecretClass, _ match: String, _ value: String
    ) {
        let text = Array("x \(match) y".utf8)
        let range = 2..<2 + match.utf8.count
        let start = NamedValue.start(in: text.span, range, of: secretClass)
        #expect(String(decoding: text[start..<range.upperBound], as: UTF8.self) == value)
    }

    @Test func `a set of classes is written in their order, and read from nothing else`() {
        let set = SecretClassSet(of: [.personal, .card])
        #expect(set.names == ["card", "personal"])
        #expect(set.contains(.card) && !set.contains(.iban))
        #expect(SecretClassSet(names: ["card", "personal"]) == set)
        for names in [[], ["personal", "card"], ["card", "card"], ["card", "none"]] {
            #expect(SecretClassSet(names: names) == nil, "\(names)")
        }
        for secretClass in SecretClass.allCases {
            #expect(SecretClassSet(secretClass).classes == [secretClass])
        }
        #expect(!SecretClassSet.waivable.contains(.canary))
        #expect(!SecretClassSet.waivable.contains(.brokered))
        #expect(!SecretClassSet.waivable.contains(.undecodable))
    }
}
