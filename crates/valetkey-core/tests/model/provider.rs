//! The provider: what it does with a refresh token that is presented to it.

use valetkey_core::refresh::OutcomeClass;

/// A refresh token.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub(crate) struct Token {
    /// The authorization that it comes from.
    pub(crate) grant: usize,
    /// Counts the tokens of the authorization.
    pub(crate) number: u8,
}

/// How a provider treats refresh tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Rotation {
    /// Each works once, and using one again ends the authorization (RFC 9700 §4.14.2).
    Strict,
    /// Each use brings a new one, and the old ones stay usable.
    Overlapping,
    /// The same one works until it is revoked.
    Never,
}

impl Rotation {
    /// Whether a definition may say that a repeated presentation is tolerated.
    pub(crate) const fn tolerates_repeats(self) -> bool {
        match self {
            Self::Strict => false,
            Self::Overlapping | Self::Never => true,
        }
    }
}

/// An authorization as the provider sees it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, Debug)]
struct Grant {
    /// The number of the newest token.
    newest: u8,
    /// A token was used a second time.
    ended: bool,
    /// The user has withdrawn it.
    withdrawn: bool,
}

/// The provider.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Provider {
    rotation: Rotation,
    grants: Vec<Grant>,
}

/// What comes of a request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Outcome {
    /// Its class.
    pub(crate) class: OutcomeClass,
    /// Whether tokens may have been issued that did not arrive.
    pub(crate) maybe_issued: bool,
    /// The tokens that did.
    pub(crate) issued: Option<Token>,
}

impl Outcome {
    /// An outcome without tokens.
    pub(crate) const fn without(class: OutcomeClass) -> Self {
        let maybe_issued = matches!(class, OutcomeClass::Unknown | OutcomeClass::UnusableAnswer);
        Self { class, maybe_issued, issued: None }
    }
}

impl Provider {
    /// A provider that knows nobody yet.
    pub(crate) const fn new(rotation: Rotation) -> Self {
        Self { rotation, grants: vec![] }
    }

    /// The user authorizes.
    pub(crate) fn authorize(&mut self) -> Token {
        self.grants.push(Grant::default());
        Token { grant: self.grants.len() - 1, number: 0 }
    }

    /// The user withdraws access.
    pub(crate) fn withdraw(&mut self, token: Token) {
        self.grants[token.grant].withdrawn = true;
    }

    /// Whether access was withdrawn by the user.
    pub(crate) fn is_withdrawn(&self, token: Token) -> bool {
        self.grants[token.grant].withdrawn
    }

    /// Whether it would issue tokens for `token`.
    pub(crate) fn accepts(&self, token: Token) -> bool {
        let grant = &self.grants[token.grant];
        let usable = match self.rotation {
            Rotation::Strict => token.number == grant.newest,
            Rotation::Overlapping | Rotation::Never => true,
        };
        usable && !grant.ended && !grant.withdrawn
    }

    /// Answers a request that presents `token`.
    pub(crate) fn refresh(&mut self, token: Token) -> Outcome {
        if self.is_withdrawn(token) {
            return Outcome::without(OutcomeClass::RevokedAtProvider);
        }
        let accepted = self.accepts(token);
        let grant = &mut self.grants[token.grant];
        if !accepted {
            grant.ended = true;
            return Outcome::without(OutcomeClass::GrantRevoked);
        }
        let issued = match self.rotation {
            Rotation::Strict | Rotation::Overlapping => {
                grant.newest += 1;
                Token { number: grant.newest, ..token }
            }
            Rotation::Never => token,
        };
        Outcome { class: OutcomeClass::Success, maybe_issued: false, issued: Some(issued) }
    }
}
