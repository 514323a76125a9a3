/// Writes objects directly to bytes, identical to `serialized()` of a tree with the same members but without building
/// the tree. The order of members is that of the calls. The caller must pass names that are distinct and need no
/// escape.
package struct JSONObjectWriter {
    /// The bytes written so far; complete after the last `close`.
    package private(set) var bytes: [UInt8] = []
    private var isFirst = true

    package init(capacityBytes: Int) { bytes.reserveCapacity(capacityBytes) }

    /// Begins the outermost object.
    package mutating func open() {
        bytes.append(UInt8(ascii: "{"))
        isFirst = true
    }

    /// Begins an object as a member of the one that is open.
    package mutating func open(_ name: StaticString) {
        begin(name)
        open()
    }

    /// Ends the object that was opened last.
    package mutating func close() {
        bytes.append(UInt8(ascii: "}"))
        isFirst = false
    }

    package mutating func add(_ name: StaticString, _ text: String) {
        begin(name)
        appendQuoted(text, to: &bytes)
    }

    /// Writes `null` if `text` is nil.
    package mutating func add(_ name: StaticString, orNull text: String?) {
        guard let text else { return add(name, JSONValue.null) }
        add(name, text)
    }

    package mutating func add(_ name: StaticString, _ truth: Bool) {
        begin(name)
        bytes += (truth ? "true" : "false").utf8
    }

    package mutating func add(_ name: StaticString, _ integer: Int64) {
        begin(name)
        appendInteger(integer, to: &bytes)
    }

    package mutating func add(_ name: StaticString, _ value: JSONValue) {
        begin(name)
        value.appendSerialized(to: &bytes)
    }

    /// Writes the value in RFC 8785 form, whatever the order of its members. A value that has no canonical form is
    /// written as `serialized()` writes it.
    package mutating func add(_ name: StaticString, canonical value: JSONValue) {
        begin(name)
        bytes += (try? value.canonical()) ?? value.serialized()
    }

    package mutating func add(_ name: StaticString, texts: [String]) {
        begin(name)
        bytes.append(UInt8(ascii: "["))
        var isFirstText = true
        for text in texts {
            if !isFirstText { bytes.append(UInt8(ascii: ",")) }
            isFirstText = false
            appendQuoted(text, to: &bytes)
        }
        bytes.append(UInt8(ascii: "]"))
    }

    private mutating func begin(_ name: StaticString) {
        let isFirst = isFirst
        let count = name.utf8CodeUnitCount
        bytes.append(addingCapacity: count + 4) { output in
            if !isFirst { output.append(UInt8(ascii: ",")) }
            output.append(UInt8(ascii: "\""))
            for place in 0..<count { unsafe output.append(name.utf8Start[place]) }
            output.append(UInt8(ascii: "\""))
            output.append(UInt8(ascii: ":"))
        }
        self.isFirst = false
    }
}
