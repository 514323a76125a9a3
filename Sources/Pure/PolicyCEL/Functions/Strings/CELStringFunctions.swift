/// The strings extension. Positions count code points, never grapheme clusters.
enum CELStringFunctions {
    static let all: [CELFunction] = [
        CELFunction(
            ofTwo: "charAt", isMember: true, [CELOverload([.string, .int], .string)], body: charAt),
        CELFunction(ofSome: "indexOf", isMember: true, searches, body: indexOf),
        CELFunction(ofSome: "lastIndexOf", isMember: true, searches, body: lastIndexOf),
        CELFunction(
            ofSome: "substring", isMember: true,
            [CELOverload([.string, .int], .string), CELOverload([.string, .int, .int], .string)],
            body: substring),
        CELFunction(
            ofSome: "replace", isMember: true,
            [
                CELOverload([.string, .string, .string], .string),
                CELOverload([.string, .string, .string, .int], .string),
            ], body: replace),
        CELFunction(
            ofSome: "split", isMember: true,
            [
                CELOverload([.string, .string], .list(.string)),
                CELOverload([.string, .string, .int], .list(.string)),
            ], body: split),
        CELFunction(
            ofSome: "join", isMember: true,
            [
                CELOverload([.list(.string)], .string),
                CELOverload([.list(.string), .string], .string),
            ], body: join),
        CELFunction(ofOne: "lowerAscii", isMember: true, spelling, body: lowerAscii),
        CELFunction(ofOne: "upperAscii", isMember: true, spelling, body: upperAscii),
        CELFunction(ofOne: "trim", isMember: true, spelling, body: trim),
        CELFunction(ofOne: "reverse", isMember: true, spelling, body: reverse),
        CELFunction(ofOne: "strings.quote", spelling, body: quote),
        CELFunction(
            ofTwo: "format", isMember: true, [CELOverload([.string, .list(.dyn)], .string)],
            body: CELFormat.format),
    ]

    private static let searches = [
        CELOverload([.string, .string], .int), CELOverload([.string, .string, .int], .int),
    ]
    private static let spelling = [CELOverload([.string], .string)]
}
