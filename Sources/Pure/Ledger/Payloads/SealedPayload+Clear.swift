package import InterlockModel

extension SealedPayload {
    /// In clear, the form of a log's first version.
    ///
    /// - Parameter salt: 32 random bytes, used once.
    package init(field: String, plaintext: [UInt8], salt: [UInt8], hashing: some Hashing) {
        self.init(
            field: field, blob: [PayloadForm.clear] + salt + plaintext, plaintext: plaintext,
            salt: salt, hashing: hashing)
    }
}
