//! The form of a hosted page. Pages are Portico's own, so what they look like is known.

/// Where a form is sent, and what it sends along unseen.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// The path.
    pub action: String,
    /// Names and values.
    pub hidden: Vec<(String, String)>,
}

impl Form {
    /// The first form of a page that is posted.
    pub fn find(html: &str) -> Option<Self> {
        let (_, rest) = html.split_once("<form method=\"post\"")?;
        let (form, _) = rest.split_once("</form>")?;
        let inputs = form.split("<input type=\"hidden\"").skip(1);
        let inputs = inputs.filter_map(|input| {
            let (tag, _) = input.split_once('>')?;
            Some((attribute(tag, "name")?, attribute(tag, "value")?))
        });
        Some(Self {
            action: attribute(form, "action")?,
            hidden: inputs.collect(),
        })
    }
}

/// The first value of an attribute. None that is read here holds what HTML would have to escape.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_is_found_with_what_it_sends_along() {
        let html = r#"<p>Hi</p><form method="post" action="/portal/s/csn_1/review" novalidate>
            <input type="hidden" name="form_token" value="abc-_1">
            <input type="text" name="firstName" value="x">
            <input type="hidden" name="answers" value="d_e"></form><form method="post"></form>"#;
        let form = Form::find(html).expect("a form");
        assert_eq!(form.action, "/portal/s/csn_1/review");
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            form.hidden,
            [pair("form_token", "abc-_1"), pair("answers", "d_e")]
        );
        assert_eq!(Form::find("<p>Nothing to do</p>"), None);
    }
}
