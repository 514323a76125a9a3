import InterlockJSON
import InterlockModel

/// The form in statements of rows and in messages of nodes: `{"digest":"sha256:...","n":12}`.
extension ChainHead {
    var json: JSONValue { ["digest": .string(digest.prefixed), "n": .integer(number)] }

    init(json: JSONValue, at path: String) throws(FormError) {
        let fields = try StrictFields(json, at: path, required: ["digest", "n"])
        self.init(
            number: try fields.integer("n", in: 0...JSONValue.largestInteger),
            digest: try fields.digest("digest"))
    }
}
