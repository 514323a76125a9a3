import InterlockAdministration
import InterlockJSON
import InterlockModel
import InterlockSchemas

extension Operation {
    /// Operations that describe the API and the session of its caller.
    static let entry: [Operation] = [
        Operation(
            name: "getDocument", method: .get, path: "/openapi.json",
            summary: "This document.", isOpen: true, answer: .object,
            handler: .answer { _, _ throws(Problem) in OpenAPI.document }),
        Operation(
            name: "getProblem", method: .get, path: "/problems/{code}",
            summary: "What the `type` of a problem names.", isOpen: true, answer: problemKind.shape,
            problems: [.noSuchPath],
            handler: .answer { _, call throws(Problem) in
                guard let kind = call.places["code"].flatMap(ProblemKind.init(rawValue:)) else {
                    throw Problem(.noSuchPath, "there is no such kind of problem")
                }
                return problemKind.json(kind)
            }),
        Operation(
            name: "getSession", method: .get, path: "/session",
            summary: "Who is signed in, and the form token that each POST brings.",
            answer: session.shape,
            handler: .answer { _, call throws(Problem) in session.json(try call.person()) }),
    ]

    private static let problemKind = ResponseSchema<ProblemKind>(
        "ProblemKind",
        .init("code", .choice(of: ProblemKind.self), "For programs.") { $0.rawValue },
        .init("status", .whole(400...599), "The status it comes with.") { $0.status },
        .init("title", .text(.plain(1...128)), "For people.") { $0.title })

    private static let session = ResponseSchema<PersonSession>(
        "Session",
        .init("person", .text(.plain(1...254)), "E-mail address.") { $0.person.address },
        .init("pseudonym", .text(.base64(16)), "As records name the person.") { $0.pseudonym.text },
        .init(
            "form_token", .text(.plain(1...256)),
            "For the header `\(PeopleAPI.formTokenHeader)`; good while the session is."
        ) { $0.formToken })
}
