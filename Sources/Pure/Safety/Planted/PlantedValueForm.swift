/// The forms that the value of a canary can have. All are at least 24 characters long, so that no text has one by chance.
package enum PlantedValueForm: String, Sendable, Hashable, CaseIterable {
    /// `tok_` and 40 letters and digits.
    case token
    /// A classic token of GitHub with its checksum: `ghp_` and 36 letters and digits.
    case githubToken = "github-token"
    /// A secret access key of AWS: 40 characters of base64.
    case awsKey = "aws-key"
    /// 24 letters, digits and signs.
    case password

    /// The bytes from which a value is made.
    package static let materialBytes = 64
    /// The fewest characters of a value.
    package static let shortest = 24

    /// Returns the value. Its characters are not quite equally likely, which takes less than a tenth of a bit from each.
    ///
    /// - Parameter material: `materialBytes` bytes that cannot be guessed.
    package func value(from material: [UInt8]) -> [UInt8] {
        precondition(material.count >= Self.materialBytes)
        switch self {
        case .token: return Array("tok_".utf8) + text(40, of: ValueCheck.digits, material)
        case .githubToken:
            let body = text(30, of: ValueCheck.digits, material)
            return Array("ghp_".utf8) + body + ValueCheck.base62(CRC32.checksum(of: body))
        case .awsKey: return text(40, of: ValueCheck.digits + Array("+/".utf8), material)
        case .password: return text(24, of: ValueCheck.digits + Array("!#-._".utf8), material)
        }
    }

    private func text(_ count: Int, of letters: [UInt8], _ material: [UInt8]) -> [UInt8] {
        material.prefix(count).map { letters[Int($0) % letters.count] }
    }
}
