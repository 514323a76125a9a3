/// The strings extension. Positions count code points, never what a reader takes for one character.
enum CELStringFunctions {
    static let all: [CELFunction] = [
        .method("charAt", [CELOverload([.string, .int], .string)], body: charAt),
        .method("indexOf", searches, body: indexOf),
        .method("lastIndexOf", searches, body: lastIndexOf),
        .method(
            "substring",
            [
                CELOverload([.string, .int], .string),
                CELOverload([.string, .int, .int], .string),
            ], body: substring),
        .method(
            "replace",
            [
                CELOverload([.string, .string, .string], .string),
                CELOverload([.string, .string, .string, .int], .string),
            ], body: replace),
        .method(
            "split",
            [
                CELOverload([.string, .string], .list(.string)),
                CELOverload([.string, .string, .int], .list(.string)),
            ], body: split),
        .method(
            "join",
            [
                CELOverload([.list(.string)], .string),
                CELOverload([.list(.string), .string], .string),
            ], body: join),
        .method("lowerAscii", spelling, body: lowerAscii),
        .method("upperAscii", spelling, body: upperAscii),
        .method("trim", spelling, body: trim),
        .method("reverse", spelling, body: reverse),
        .function("strings.quote", spelling, body: quote),
        .method("format", [CELOverload([.string, .list(.dyn)], .string)], body: CELFormat.format),
    ]

    private static let searches = [
        CELOverload([.string, .string], .int), CELOverload([.string, .string, .int], .int),
    ]
    private static let spelling = [CELOverload([.string], .string)]
}
